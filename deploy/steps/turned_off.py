"""Optional functions whose settings are no longer given: none may still receive events that nobody looks after."""

from collections.abc import Iterator
from dataclasses import replace

from msgspec import structs

from blueprint.topology import Function
from deploy.deployment import Deployment, service
from deploy.script import bash
from deploy.step import Step
from deploy.steps.events import subscriptions
from deploy.steps.functions import secret_grant_steps, subscriber_steps
from deploy.steps.project import project_steps


def turned_off_steps(deployment: Deployment) -> Iterator[Step]:
    """Refuse to leave one behind, and say how to remove it: dropping its events is its owner's decision."""
    for name, function in deployment.topology.subscribers().items():
        if name not in deployment.functions():
            yield Step(
                f"Make sure that {service(name)}, which has no settings, receives no events",
                check=subscriptions(deployment),
                there=function.subscription,
                refusal="\n".join(
                    [
                        f"{service(name)} receives events here, but {', '.join(function.required)} are no longer set.",
                        "Set them again, or remove it first, together with the events waiting in its subscription:",
                        *_undoing(deployment, name, function),
                        "Then run this again.",
                    ]
                ),
            )


def _undoing(deployment: Deployment, name: str, function: Function) -> Iterator[str]:
    """The commands that remove what was created for this function alone."""
    only = structs.replace(deployment.topology, functions={name: structs.replace(function, optional=False)})
    alone = replace(deployment, topology=only)
    shared = list(project_steps(deployment))
    steps = [*project_steps(alone), *secret_grant_steps(alone), *subscriber_steps(alone, name, function)]
    yield from (bash(step.undo) for step in reversed(steps) if step.undo and step not in shared)
