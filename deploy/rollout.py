"""Carries out the steps of `up`: in stages where create_user is there already, and so that they can be rolled back."""

from collections.abc import Mapping

import httpx

from deploy.deployment import Deployment, service
from deploy.history import read_history, read_services, write_history
from deploy.steps import inner_steps, last_steps, outer_steps
from deploy.trial import Trial
from deploy.walk import Walk


def roll_out(
    deployment: Deployment,
    secrets: Mapping[str, str],
    walk: Walk,
    *,
    at_once: bool = False,
    transport: httpx.BaseTransport | None = None,
) -> None:
    """
    Walk the steps, and keep in mind what ran before.

    Raises:
        GcloudError, SettingsError, RevisionRefusedError: A step failed or refused. The steps before it hold.
    """
    run = walk.run
    found, history = read_services(deployment, run), read_history(deployment, run)
    # gcloud refuses to deploy a new service without traffic
    staged = service(deployment.entrance) in found and not at_once
    try_out = Trial(deployment, deployment.entrance, run, transport).step() if staged else None
    walk.up([*inner_steps(deployment, secrets), *outer_steps(deployment, try_out), *last_steps(deployment)])
    write_history(deployment, run, history.after(found, read_services(deployment, run)), replacing=history)
