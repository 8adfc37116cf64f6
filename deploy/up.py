"""The verbs `plan` and `up`."""

import sys
from argparse import Namespace
from collections.abc import Mapping

from blueprint.bundle import staging_lines
from blueprint.gcloud import GcloudError, Run, run_gcloud
from blueprint.topology import Trigger, read_topology
from deploy.deployment import Deployment, service, url, url_variable
from deploy.rehearsal import rehearse
from deploy.script import script, up_lines
from deploy.settings import SettingsError, deployment_of, read_given
from deploy.steps import inner_steps, outer_steps
from deploy.steps.secrets import complete_secrets
from deploy.walk import Walk


def plan(arguments: Namespace) -> int:
    """Print what `up` would do. A setting that is missing becomes a variable that the script asks its caller for."""
    deployment = _deployment(arguments, complete=False)
    missing = [name for name, value in deployment.settings.items() if value == f"${{{name}}}"]
    steps, known = [*inner_steps(deployment, {}), *outer_steps(deployment)], url_variable(_entrance(deployment))
    lines = [
        *[f': "${{{name}:?set it before you run this}}"' for name in missing],
        *[line for name, f in deployment.functions().items() for line in staging_lines(name, f)],
        "# However this ends, once there is an address it is shown.",
        f"trap '[[ -z ${{{known}-}} ]] || echo \"{_located(deployment, url(_entrance(deployment)))}\"' EXIT",
        "",
        *up_lines(steps),
    ]
    print(script("Deploys Usher to a Google Cloud project.", lines, steps))
    return 0


def up(arguments: Namespace, *, run: Run = run_gcloud) -> int:
    """Carry out the steps, and print what to do next."""
    if arguments.dry_run:
        return plan(arguments)
    deployment = _deployment(arguments, complete=True)
    if complaints := rehearse(deployment):
        raise SettingsError("\n".join(["Nothing was run. Fix these first:", *complaints]))
    secrets = complete_secrets(deployment, _given_secrets(deployment), run)
    walk = Walk(run)
    try:
        walk.up([*inner_steps(deployment, secrets), *outer_steps(deployment)])
    except GcloudError:
        # it may be only the public access that was refused
        if address := walk.variables.get(url_variable(_entrance(deployment))):
            print(f"\n{_located(deployment, address)}", flush=True)
        raise
    print(_next_steps(deployment, walk.variables))
    return 0


def _deployment(arguments: Namespace, *, complete: bool) -> Deployment:
    return deployment_of(read_given(vars(arguments)), read_topology(), complete=complete)


def _given_secrets(deployment: Deployment) -> dict[str, str]:
    """Those on standard input, one per line, in the order of topology.toml. At a terminal they are prompted for."""
    if sys.stdin.isatty():
        return {}
    asked = [name for name in deployment.all_secrets() if not deployment.topology.secrets[name].generated]
    lines = {name: sys.stdin.readline().rstrip("\r\n") for name in asked}
    return {name: line for name, line in lines.items() if line}


def _next_steps(deployment: Deployment, variables: Mapping[str, str]) -> str:
    login = "" if deployment.public else ' -H "Authorization: Bearer $(gcloud auth print-identity-token)"'
    address = variables[url_variable(_entrance(deployment))]
    at = f"--project {deployment.project} --region {deployment.region}"
    return f"""
Usher is deployed: {address}

Sign a user up:
  curl -i {address}{login} -H 'Content-Type: application/json' \\
    -d '{{"name":"Ewan","email":"ewan@example.com","password":"plum tractor violet harbour"}}'

See what is running and waiting: python -m deploy status {at}
Put dead letters back:           python -m deploy redrive --project {deployment.project}
Remove it all again:             python -m deploy down {at}"""


def _located(deployment: Deployment, address: str) -> str:
    return f"{service(_entrance(deployment))} is at {address}"


def _entrance(deployment: Deployment) -> str:
    return next(name for name, f in deployment.functions().items() if f.trigger is Trigger.HTTP)
