"""The verbs `plan` and `up`."""

import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from string import Template

import httpx

from blueprint.bundle import digest_of, staging_lines
from blueprint.gcloud import GcloudError, Run, run_gcloud
from blueprint.topology import PROJECT_ROOT, Trigger, read_topology
from deploy.answering import login, until_it_answers
from deploy.deployment import Deployment, service, url
from deploy.history import read_history, read_services, write_history
from deploy.rehearsal import rehearse
from deploy.script import script, up_lines
from deploy.settings import SettingsError, deployment_of, read_given
from deploy.steps import inner_steps, outer_steps
from deploy.steps.secrets import complete_secrets
from deploy.trial import Trial
from deploy.walk import Walk


def plan(arguments: Namespace) -> int:
    """Print what `up` would do. A setting that is missing becomes a variable that the script asks its caller for."""
    deployment = _deployment(arguments, complete=False)
    missing = [name for name, value in deployment.settings.items() if value == f"${{{name}}}"]
    steps = [*inner_steps(deployment, {}), *outer_steps(deployment)]
    lines = [
        *[f': "${{{name}:?set it before you run this}}"' for name in missing],
        *[line for name, f in deployment.functions().items() for line in staging_lines(name, f)],
        *up_lines(steps),
        f'echo "Usher is deployed: {url(_entrance(deployment))}"',
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
    # The rehearsal has staged them.
    bundles = {name: digest_of(PROJECT_ROOT / "build" / name) for name in deployment.functions()}
    deployment = replace(deployment, bundles=bundles, rebuild=arguments.rebuild)
    secrets = complete_secrets(deployment, _given_secrets(deployment), run)
    variables = roll_out(deployment, secrets, run, at_once=arguments.at_once)
    address = Template(url(_entrance(deployment))).substitute(variables)
    if seen := _seen_at(address, deployment, run):
        print(f"\nThe address got {seen} for 2 minutes. New addresses and grants can take longer: try it later.")
    print(_next_steps(deployment, address))
    return 0


def roll_out(
    deployment: Deployment,
    secrets: Mapping[str, str],
    run: Run,
    *,
    at_once: bool = False,
    transport: httpx.BaseTransport | None = None,
) -> Mapping[str, str]:
    """
    Carry out the steps, and keep in mind what ran before; returns the variables that they have filled.

    Raises:
        GcloudError, SettingsError, RevisionRefusedError: A step failed or refused. The steps before it hold.
    """
    found, history = read_services(deployment, run), read_history(deployment, run)
    entrance = _entrance(deployment)
    # gcloud refuses to deploy a new service without traffic
    staged = service(entrance) in found and not at_once
    try_out = Trial(deployment, entrance, run, transport).step() if staged else None
    walk = Walk(run)
    walk.up([*inner_steps(deployment, secrets), *outer_steps(deployment, try_out)])
    write_history(deployment, run, history.after(found, read_services(deployment, run)), replacing=history)
    return walk.variables


def _deployment(arguments: Namespace, *, complete: bool) -> Deployment:
    return deployment_of(read_given(vars(arguments)), read_topology(), complete=complete)


def _given_secrets(deployment: Deployment) -> dict[str, str]:
    """Those on standard input, one per line, in the order of topology.toml. At a terminal they are prompted for."""
    if sys.stdin.isatty():
        return {}
    asked = [name for name in deployment.all_secrets() if not deployment.topology.secrets[name].generated]
    lines = {name: sys.stdin.readline().rstrip("\r\n") for name in asked}
    return {name: line for name, line in lines.items() if line}


def _seen_at(address: str, deployment: Deployment, run: Run) -> str:
    """Nothing once create_user answers there; otherwise what did."""
    print("Waiting until create_user answers ...", flush=True)
    try:
        headers = login(deployment, run, address)
    except GcloudError as error:
        return f"no request, since there is no login for one ({error.message}),"
    with httpx.Client(headers=headers, timeout=30) as client:
        return until_it_answers(client, address)


def _next_steps(deployment: Deployment, address: str) -> str:
    header = "" if deployment.public else ' -H "Authorization: Bearer $(gcloud auth print-identity-token)"'
    at = f"--project {deployment.project} --region {deployment.region}"
    return f"""
Usher is deployed: {address}

Sign a user up:
  curl -i {address}{header} -H 'Content-Type: application/json' \\
    -d '{{"name":"Ewan","email":"ewan@example.com","password":"plum tractor violet harbour"}}'

See what is running and waiting: python -m deploy status {at}
Put the revisions before back:  python -m deploy rollback {at}
Put dead letters back:           python -m deploy redrive --project {deployment.project}
Remove it all again:             python -m deploy down {at}"""


def _entrance(deployment: Deployment) -> str:
    return next(name for name, f in deployment.functions().items() if f.trigger is Trigger.HTTP)
