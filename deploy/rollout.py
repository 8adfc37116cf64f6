"""Carries out the steps of `up`: in stages where create_user is there already, and so that they can be rolled back."""

from collections.abc import Mapping

import httpx

from deploy.deployment import Deployment, service
from deploy.history import Service, read_history, read_services, write_history
from deploy.steps import inner_steps, last_steps, outer_steps
from deploy.trial import Trial
from deploy.walk import Walk

# Whoever puts a load balancer in front of create_user closes the way around it: docs/limit-clients.md.
_UNSEEN = "create_user's ingress lets in nobody from the internet: a new revision gets traffic without being tried out."


def roll_out(
    deployment: Deployment,
    secrets: Mapping[str, str],
    walk: Walk,
    *,
    at_once: bool = False,
    transport: httpx.BaseTransport | None = None,
) -> dict[str, Service]:
    """
    Walk the steps, and keep in mind what ran before. Returns the services as they are then.

    Raises:
        GcloudError, SettingsError, RevisionRefusedError: A step failed or refused. The steps before it hold.
    """
    run = walk.run
    found, kept = read_services(deployment, run), read_history(deployment, run)
    write_history(deployment, run, history := kept.begun(found), replacing=kept)
    # gcloud refuses to deploy a new service without traffic
    entrance = found.get(service(deployment.entrance))
    staged = entrance is not None and not at_once
    if entrance and staged and not entrance.is_on_the_internet:
        walk.show(f"Note: {_UNSEEN}\n")
        staged = False
    try_out = Trial(deployment, deployment.entrance, run, transport).step() if staged else None
    walk.up([*inner_steps(deployment, secrets), *outer_steps(deployment, try_out), *last_steps(deployment)])
    left = read_services(deployment, run)
    write_history(deployment, run, history.after(found, left), replacing=history)
    return left
