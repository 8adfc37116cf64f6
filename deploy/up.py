"""The verbs `plan` and `up`."""

import sys
from argparse import Namespace
from dataclasses import replace
from string import Template

from blueprint.bundle import digest_of, staging_lines
from blueprint.gcloud import Run, run_gcloud
from blueprint.topology import PROJECT_ROOT, read_topology
from deploy.answering import silence_of
from deploy.deployment import Deployment, url
from deploy.rehearsal import rehearse
from deploy.rollout import roll_out
from deploy.script import script, up_lines
from deploy.settings import SettingsError, deployment_of, read_given
from deploy.steps import inner_steps, outer_steps
from deploy.steps.secrets import complete_secrets


def plan(arguments: Namespace) -> int:
    """Print what `up` would do. A setting that is missing becomes a variable that the script asks its caller for."""
    deployment = _deployment(arguments, complete=False)
    missing = [name for name, value in deployment.settings.items() if value == f"${{{name}}}"]
    steps = [*inner_steps(deployment, {}), *outer_steps(deployment)]
    lines = [
        *[f': "${{{name}:?set it before you run this}}"' for name in missing],
        *[line for name, f in deployment.functions().items() for line in staging_lines(name, f)],
        *up_lines(steps),
        f'echo "Usher is deployed: {url(deployment.entrance)}"',
    ]
    title = "Deploys Usher to a Google Cloud project. Unlike up, it builds everything and tries nothing out."
    print(script(title, lines, steps))
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
    address = Template(url(deployment.entrance)).substitute(variables)
    print("Waiting until create_user answers ...", flush=True)
    if silence := silence_of(address, deployment, run):
        print(silence)
    print(_next_steps(deployment, address))
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


def _next_steps(deployment: Deployment, address: str) -> str:
    header = "" if deployment.public else ' -H "Authorization: Bearer $(gcloud auth print-identity-token)"'
    at = f"--project {deployment.project} --region {deployment.region}"
    return f"""
Usher is deployed: {address}

Sign a user up:
  curl -i {address}{header} -H 'Content-Type: application/json' \\
    -d '{{"name":"Ewan","email":"ewan@example.com","password":"plum tractor violet harbour"}}'

See what is running and waiting: python -m deploy status {at}
Go back to what ran before:      python -m deploy rollback {at}
Put dead letters back:           python -m deploy redrive --project {deployment.project}
Remove it all again:             python -m deploy down {at}"""
