"""The verb `down`: removes what `up` created, and loses no mail unless told to."""

import sys
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from shlex import quote

import httpx

from blueprint.gcloud import Run, run_gcloud
from deploy.backlog import Backlog, once_known, read_backlog
from deploy.cloud import Cloud, connected, question_lines
from deploy.deployment import LABEL, Deployment
from deploy.losing import topics_of_subscriptions
from deploy.preflight import before_down
from deploy.script import bash, down_lines, script
from deploy.steps import inner_steps, last_steps, outer_steps
from deploy.walk import Walk

REFUSED = 3
# Cloud Monitoring shows a count up to some minutes after it was taken.
_PATIENCE_SECONDS = 360
_BACKUPS = "firestore backups list"


def down(
    arguments: Namespace,
    deployment: Deployment,
    *,
    run: Run = run_gcloud,
    transport: httpx.BaseTransport | None = None,
) -> int:
    """Close the entrance, check that nothing is waiting, remove the rest. Returns 3 if it stops before that."""
    inner, outer = [*inner_steps(deployment, {}), *last_steps(deployment)], outer_steps(deployment)
    drop_data, drop_events = arguments.drop_data, arguments.drop_events
    if arguments.dry_run:
        checks = [] if drop_events else [*_check_lines(deployment), ""]
        lines = [
            *_place_lines(deployment),
            *down_lines(outer, drop_data=drop_data),
            *checks,
            *down_lines(inner, drop_data=drop_data),
            *[f"echo {quote(_backups_kept(deployment))}"] * drop_data,
        ]
        print(script("Removes Usher from a Google Cloud project.", lines, inner))
        return 0
    if not (arguments.yes or _agrees(deployment, drop_data=drop_data)):
        return REFUSED
    if obstacles := before_down(deployment, run, transport):
        print("\n".join(["Nothing was removed.", *obstacles]))
        return REFUSED
    walk = Walk(run)
    walk.down(outer, drop_data=drop_data)
    if not drop_events:
        with connected(deployment, run, transport) as cloud:
            left = _backlog_left(deployment, cloud, run)
        if left.is_waiting() or not left.is_known():
            print(_refusal(deployment, left))
            return REFUSED
    walk.down(inner, drop_data=drop_data)
    if drop_data:
        print(_backups_kept(deployment))
    return 0


def _agrees(deployment: Deployment, *, drop_data: bool) -> bool:
    kept = (
        "with ITS SECRETS AND THE WHOLE DATABASE, whoever created it and whatever it holds,"
        if drop_data
        else "(users and secrets are kept)"
    )
    if not sys.stdin.isatty():
        print("Pass --yes: there is no terminal to ask for confirmation.")
        return False
    try:
        answer = input(f"Remove Usher {kept} from {deployment.project}? [y/N] ")
    except EOFError:  # Ctrl-D is not a yes
        print()
        return False
    return answer.strip().lower() == "y"


def _backups_kept(deployment: Deployment) -> str:
    return f"Backups of the database are kept until they expire: {bash(deployment.gcloud(_BACKUPS))}"


def _backlog_left(deployment: Deployment, cloud: Cloud, run: Run) -> Backlog:
    """Events that have left the outbox show only in counts taken after it was seen to be empty."""
    outbox = cloud.outbox()
    there = topics_of_subscriptions(deployment, run)
    look = partial(read_backlog, deployment, cloud, there, not_before=datetime.now(UTC))
    if outbox:
        return replace(look(), outbox=outbox)
    print("The outbox is empty. Waiting for newer counts (takes minutes) ...", flush=True)
    return once_known(look, patience_seconds=_PATIENCE_SECONDS)


def _refusal(deployment: Deployment, left: Backlog) -> str:
    """Whether events are waiting and whether that is known are two things."""
    running = "Sign-ups are closed and the rest is still running: run `down` again later, or with --drop-events."
    unknown = [
        "Whether events are still waiting is not known: Cloud Monitoring has no count yet that is new enough.",
        "It counts a subscription every minute and shows that some minutes later, and it may have none at all of one",
        "that was never used. Look for yourself, without taking anything:",
        f"  https://console.cloud.google.com/cloudpubsub/subscription/list?project={deployment.project}",
        f"{running.removesuffix('.')} if nothing is waiting.",
    ]
    lines = left.lines(deployment.topology.events.dead_letter_subscription)
    told, *more = ["Events are still waiting:", running] if left.is_waiting() else unknown
    return "\n".join([told, *lines, *more])


def _place_lines(deployment: Deployment) -> list[str]:
    services = f"run services list --filter=metadata.labels.{LABEL} --format='value(region)'"
    return [
        f"regions=$({bash(deployment.gcloud(services))})",
        f"if elsewhere=$(grep -vx -e {deployment.region} -e '' <<<\"$regions\" | sort -u); then",
        """    printf '%s\\n' "Nothing was removed. Usher is in:" "$elsewhere" >&2""",
        f"    exit {REFUSED}",
        "fi",
        "",
    ]


def _check_lines(deployment: Deployment) -> list[str]:
    return [
        f"PROJECT={deployment.project}",
        *question_lines(),
        "# Counts are a few minutes old, and a count that is missing is not 0: wait before you answer.",
        'read -rp "Is nothing waiting? [y/N] "',
        "[[ $REPLY == y ]]",
    ]
