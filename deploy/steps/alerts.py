"""Cloud Monitoring alerts: dead letters, an outbox that does not empty, a relay that has stopped running."""

from collections.abc import Iterator

from blueprint.topology import Trigger
from deploy.deployment import Deployment, service
from deploy.step import CONFLICT, NEW_API, NEW_METRIC, Step
from shared.contract.log_events import LogEvent

_LATE_AFTER_SECONDS = 600
# Of all revisions together: each has a series of its own, which ends with the next deployment.
_TOGETHER = '{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_SUM"}'
_LATE_METRIC = "usher-outbox-late"


def alert_steps(deployment: Deployment) -> Iterator[Step]:
    """None without a notification channel: an alert that tells nobody is none."""
    if not deployment.alert_channel:
        return
    late = f'jsonPayload.message="{LogEvent.OUTBOX_RELAYED}" AND jsonPayload.oldest_age_seconds>{_LATE_AFTER_SECONDS}'
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
    for name, function in deployment.functions().items():
        if function.trigger is Trigger.SCHEDULE:
            yield _alert(
                deployment,
                f"Usher: {service(name)} does not run",
                'metric.type="run.googleapis.com/request_count" AND metric.label.response_code_class="2xx" AND '
                f'resource.type="cloud_run_revision" AND resource.label.service_name="{service(name)}"',
                when=f"--if=absent --duration={_LATE_AFTER_SECONDS}s --aggregation='{_TOGETHER}'",
            )


def _alert(
    deployment: Deployment, display_name: str, condition: str, *, when: str = "--if='> 0' --duration=60s"
) -> Step:
    return Step(
        f"Alert: {display_name}",
        deployment.gcloud(
            f"alpha monitoring policies create {when} --combiner=OR",
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
