"""Cloud Monitoring: someone is told of dead letters, and of an outbox that does not empty."""

from collections.abc import Iterator

from deploy.deployment import Deployment
from deploy.step import CONFLICT, NEW_API, NEW_METRIC, Step

_LATE_AFTER_SECONDS = 600
_LATE_METRIC = "usher-outbox-late"


def alert_steps(deployment: Deployment) -> Iterator[Step]:
    """None without a notification channel: an alert that tells nobody is none."""
    if not deployment.alert_channel:
        return
    late = f'jsonPayload.message="outbox_relayed" AND jsonPayload.oldest_age_seconds>{_LATE_AFTER_SECONDS}'
    yield Step(
        "Count when the relay leaves old events behind",
        deployment.gcloud(
            f"logging metrics create {_LATE_METRIC} --description='Old events in the outbox'", f"--log-filter={late}"
        ),
        check=deployment.gcloud("logging metrics list --format='value(name)'"),
        there=_LATE_METRIC,
        undo=deployment.gcloud(f"logging metrics delete {_LATE_METRIC}"),
    )
    dead_letters = deployment.topology.events.dead_letter_subscription
    yield _alert(
        deployment,
        "Usher: dead letters",
        'metric.type="pubsub.googleapis.com/subscription/num_undelivered_messages" AND '
        f'resource.type="pubsub_subscription" AND resource.label.subscription_id="{dead_letters}"',
    )
    yield _alert(
        deployment,
        "Usher: the outbox does not empty",
        f'metric.type="logging.googleapis.com/user/{_LATE_METRIC}" AND resource.type="cloud_run_revision"',
    )


def _alert(deployment: Deployment, display_name: str, condition: str) -> Step:
    return Step(
        f"Alert: {display_name}",
        deployment.gcloud(
            "alpha monitoring policies create --if='> 0' --duration=60s --combiner=OR",
            f"--display-name={display_name}",
            f"--condition-display-name={display_name}",
            f"--condition-filter={condition}",
            f"--notification-channels={deployment.alert_channel}",
        ),
        check=deployment.gcloud(
            "alpha monitoring policies list --format='value(name)'", f'--filter=displayName="{display_name}"'
        ),
        retried=f"{NEW_API}|{CONFLICT}|{NEW_METRIC}",
        undo=deployment.gcloud("alpha monitoring policies delete ${FOUND}"),
    )
