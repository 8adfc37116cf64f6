"""All steps of a deployment, in their order."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from blueprint.topology import Trigger
from deploy.deployment import Deployment
from deploy.step import Step
from deploy.steps.alerts import alert_steps
from deploy.steps.dashboard import dashboard_steps
from deploy.steps.database import database_steps
from deploy.steps.events import publisher_steps, topic_steps
from deploy.steps.functions import entrance_steps, scheduled_steps, secret_grant_steps, subscriber_steps
from deploy.steps.images import image_steps
from deploy.steps.metrics import metric_steps
from deploy.steps.project import project_steps
from deploy.steps.revisions import traffic_steps
from deploy.steps.schemas import schema_steps
from deploy.steps.secrets import secret_steps
from deploy.steps.turned_off import turned_off_steps


def inner_steps(deployment: Deployment, given: Mapping[str, str]) -> list[Step]:
    """Everything behind the entrance. Subscribers come first: no event may precede its subscriptions."""
    functions = deployment.functions().items()
    return [
        *project_steps(deployment),
        *turned_off_steps(deployment),
        *database_steps(deployment),
        *secret_steps(deployment, given),
        *secret_grant_steps(deployment),
        *topic_steps(deployment),
        *_dispensable(metric_steps(deployment)),
        *publisher_steps(deployment),
        *[s for name, f in functions if f.trigger is Trigger.EVENT for s in subscriber_steps(deployment, name, f)],
        *[s for name, f in functions if f.trigger is Trigger.SCHEDULE for s in scheduled_steps(deployment, name, f)],
        *traffic_steps(deployment, [name for name, f in functions if f.trigger is not Trigger.HTTP]),
    ]


def outer_steps(deployment: Deployment, try_out: Step | None = None) -> list[Step]:
    """The entrance, which gets a new revision only after `try_out`. `down` closes it first."""
    functions = deployment.functions().items()
    return [
        s
        for name, f in functions
        if f.trigger is Trigger.HTTP
        for s in entrance_steps(deployment, name, f, try_out=try_out)
    ]


def last_steps(deployment: Deployment) -> list[Step]:
    """What sign-ups work without."""
    return _dispensable(
        [
            *schema_steps(deployment),
            *dashboard_steps(deployment),
            *image_steps(deployment),
            *alert_steps(deployment),
        ]
    )


def _dispensable(steps: Iterable[Step]) -> list[Step]:
    return [replace(step, may_fail=True) for step in steps]
