"""The verbs `plan` and `up`."""

import sys
from argparse import Namespace
from collections.abc import Mapping
from string import Template

import httpx

from blueprint.bundle import staging_lines
from blueprint.gcloud import Run, run_gcloud
from blueprint.topology import Trigger, read_topology
from deploy.deployment import Deployment, url
from deploy.preflight import before_up
from deploy.rehearsal import rehearse
from deploy.script import left_out_line, script, up_lines
from deploy.settings import SettingsError, deployment_of, read_given
from deploy.steps import inner_steps, last_steps, outer_steps
from deploy.steps.secrets import complete_secrets
from deploy.walk import Walk

LEFT_OUT = "Sign-ups work, but these steps failed. Fix what was said of them, then run this again:"


def plan(arguments: Namespace) -> int:
    """Print what `up` would do. A setting that is missing becomes a variable that the script asks its caller for."""
    deployment = _deployment(arguments, complete=False)
    missing = [name for name, value in deployment.settings.items() if value == f"${{{name}}}"]
    steps = [*inner_steps(deployment, {}), *outer_steps(deployment), *last_steps(deployment)]
    lines = [
        "# This looks for nothing that stands in its way: python -m deploy up --check does.",
        *[f': "${{{name}:?set it before you run this}}"' for name in missing],
        *[line for name, f in deployment.functions().items() for line in staging_lines(name, f)],
        *up_lines(steps),
        f'echo "Usher is deployed: {url(_entrance(deployment))}"',
        left_out_line(LEFT_OUT),
    ]
    print(script("Deploys Usher to a Google Cloud project.", lines, steps))
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
    secrets = complete_secrets(deployment, _given_secrets(deployment), run)
    walk = Walk(run)
    walk.up([*inner_steps(deployment, secrets), *outer_steps(deployment), *last_steps(deployment)])
    print(_next_steps(deployment, walk.variables))
    if walk.left_out:
        print("\n".join(["", LEFT_OUT, *(f"- {sentence}" for sentence in walk.left_out)]), file=sys.stderr)
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
    address = Template(url(_entrance(deployment))).substitute(variables)
    at = f"--project {deployment.project} --region {deployment.region}"
    return f"""
Usher is deployed: {address}

Sign a user up:
  curl -i {address}{login} -H 'Content-Type: application/json' \\
    -d '{{"name":"Ewan","email":"ewan@example.com","password":"plum tractor violet harbour"}}'

See what is running and waiting: python -m deploy status {at}
Put dead letters back:           python -m deploy redrive --project {deployment.project}
Remove it all again:             python -m deploy down {at}"""


def _entrance(deployment: Deployment) -> str:
    return next(name for name, f in deployment.functions().items() if f.trigger is Trigger.HTTP)
