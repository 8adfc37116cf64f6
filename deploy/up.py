"""The verbs `plan` and `up`."""

import os
import sys
from argparse import Namespace
from dataclasses import replace

import httpx

from blueprint.bundle import digest_of, staging_lines
from blueprint.gcloud import GcloudError, Run, run_gcloud
from blueprint.topology import PROJECT_ROOT, read_topology
from deploy.answering import silence_of
from deploy.deployment import Deployment, service, url, url_variable
from deploy.preflight import before_up
from deploy.rehearsal import rehearse
from deploy.rollout import roll_out
from deploy.script import left_out_line, script, up_lines
from deploy.settings import ON_PUBSUB, SettingsError, deployment_of, read_given
from deploy.steps import inner_steps, last_steps, outer_steps
from deploy.steps.secrets import complete_secrets, with_kept_secrets
from deploy.walk import Walk
from shared.broker.settings import Broker

LEFT_OUT = "Sign-ups work, but these steps failed. Fix what was said of them, then run this again:"


def plan(arguments: Namespace) -> int:
    """Print what `up` would do. A setting that is missing becomes a variable that the script asks its caller for."""
    deployment = _deployment(arguments, complete=False)
    missing = [name for name, value in deployment.settings.items() if value == f"${{{name}}}"]
    steps = [*inner_steps(deployment, {}), *outer_steps(deployment), *last_steps(deployment)]
    known = url_variable(deployment.entrance)
    lines = [
        "# This looks for nothing that stands in its way: python -m deploy up --check does.",
        *[f': "${{{name}:?set it before you run this}}"' for name in missing],
        *[line for name, f in deployment.functions().items() for line in staging_lines(name, f)],
        "# However this ends, once there is an address it is shown.",
        f"trap '[[ -z ${{{known}-}} ]] || echo \"{_located(deployment, url(deployment.entrance))}\"' EXIT",
        "",
        *up_lines(steps),
        left_out_line(LEFT_OUT),
    ]
    title = "Deploys Usher to a Google Cloud project. Unlike up, it builds everything and tries nothing out."
    print(script(title, lines, steps))
    return 0


def up(arguments: Namespace, *, run: Run = run_gcloud, transport: httpx.BaseTransport | None = None) -> int:
    """Look for what stands in the way, carry out the steps, and print what to do next."""
    if arguments.dry_run:
        return plan(arguments)
    deployment = _deployment(arguments, complete=True)
    found = before_up(deployment, run, transport)
    print("".join(f"Note: {one.text}\n" for one in found if not one.stops), end="", flush=True)
    if complaints := [*(f"- {one.text}" for one in found if one.stops), *rehearse(deployment)]:
        raise SettingsError("\n".join(["Nothing was run. Fix these first:", *complaints]))
    if arguments.check:
        print("Nothing stands in the way of `up`.")
        return 0
    deployment = with_kept_secrets(_staged(deployment, rebuild=arguments.rebuild), run)
    secrets = complete_secrets(deployment, _given_secrets(deployment), run)
    walk, known = Walk(run), url_variable(deployment.entrance)
    try:
        services = roll_out(deployment, secrets, walk, at_once=arguments.at_once, transport=transport)
    except GcloudError:
        # it may be only the public access that was refused
        if address := walk.variables.get(known):
            print(f"\n{_located(deployment, address)}", flush=True)
        raise
    address, entrance = walk.variables[known], services.get(service(deployment.entrance))
    if entrance is None or entrance.is_on_the_internet:
        print("Waiting until create_user answers ...", flush=True)
        if silence := silence_of(address, deployment, run, transport=transport):
            print(silence)
    print(next_steps(deployment, address))
    if walk.left_out:
        print("\n".join(["", LEFT_OUT, *(f"- {sentence}" for sentence in walk.left_out)]), file=sys.stderr)
    return 0


def _deployment(arguments: Namespace, *, complete: bool) -> Deployment:
    if os.environ.get("EVENT_BROKER", Broker.PUBSUB).strip() not in {"", Broker.PUBSUB}:
        raise SettingsError(f"Nothing was run. EVENT_BROKER is set: {ON_PUBSUB}.")
    return deployment_of(read_given(vars(arguments)), read_topology(), complete=complete)


def _staged(deployment: Deployment, *, rebuild: bool) -> Deployment:
    """The same with what the rehearsal has staged."""
    bundles = {name: digest_of(PROJECT_ROOT / "build" / name) for name in deployment.functions()}
    return replace(deployment, bundles=bundles, rebuild=rebuild)


def _given_secrets(deployment: Deployment) -> dict[str, str]:
    """Those on standard input, one per line, in the order of topology.toml. At a terminal they are prompted for."""
    if sys.stdin.isatty():
        return {}
    asked = [name for name in deployment.all_secrets() if not deployment.topology.secrets[name].generated]
    lines = {name: sys.stdin.readline().rstrip("\r\n") for name in asked}
    return {name: line for name, line in lines.items() if line}


def next_steps(deployment: Deployment, address: str) -> str:
    login = "" if deployment.public else ' -H "Authorization: Bearer $(gcloud auth print-identity-token)"'
    at = f"--project {deployment.project} --region {deployment.region}"
    if deployment.is_on("VERIFY_EMAIL"):
        what, path, body = "Request a link, and open it in the mail", "/sign-ups", '{"email":"ewan@example.com"}'
    else:
        example = '{"name":"Ewan","email":"ewan@example.com","password":"plum tractor violet harbour"}'
        what, path, body = "Sign a user up", "", example
    return f"""
Usher is deployed: {address}

{what}:
  curl -i {address}{path}{login} -H 'Content-Type: application/json' \\
    -d '{body}'

See what is running and waiting: python -m deploy status {at}
Go back to what ran before:      python -m deploy rollback {at}
Put dead letters back:           python -m deploy redrive --project {deployment.project}
Remove it all again:             python -m deploy down {at}"""


def _located(deployment: Deployment, address: str) -> str:
    return f"{service(deployment.entrance)} is at {address}"
