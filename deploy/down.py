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
from deploy.deployment import Deployment
from deploy.script import bash, down_lines, script
from deploy.steps import inner_steps, outer_steps
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
    inner, outer = inner_steps(deployment, {}), outer_steps(deployment)
    drop_data, drop_events = arguments.drop_data, arguments.drop_events
    if arguments.dry_run:
        checks = [] if drop_events else [*_check_lines(deployment), ""]
        lines = [*down_lines(outer, drop_data=drop_data), *checks, *down_lines(inner, drop_data=drop_data)]
        lines += [f"echo {quote(_backups_kept(deployment))}"] * drop_data
        print(script("Removes Usher from a Google Cloud project.", lines, inner))
        return 0
    if not (arguments.yes or _agrees(deployment, drop_data=drop_data)):
        return REFUSED
    walk = Walk(run)
    walk.down(outer, drop_data=drop_data)
    if not drop_events:
        with connected(deployment, run, transport) as cloud:
            left = _backlog_left(deployment, cloud, run)
        if not left.is_empty():
            dead_letters = deployment.topology.events.dead_letter_subscription
            print("\n".join(["Events are still waiting:", *left.lines(dead_letters)]))
            print("Sign-ups are closed and the rest is still running: run `down` again later, or with --drop-events.")
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
    look = partial(read_backlog, deployment, cloud, run, not_before=datetime.now(UTC))
    if outbox:
        return replace(look(), outbox=outbox)
    print("The outbox is empty. Waiting for newer counts (takes minutes) ...", flush=True)
    return once_known(look, patience_seconds=_PATIENCE_SECONDS)


def _check_lines(deployment: Deployment) -> list[str]:
    return [
        f"PROJECT={deployment.project}",
        *question_lines(),
        "# Counts are a few minutes old: wait before you answer.",
        'read -rp "Is nothing waiting? [y/N] "',
        "[[ $REPLY == y ]]",
    ]
