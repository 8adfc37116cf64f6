"""Cloud Monitoring alerts: dead letters, a late outbox, a promise that is not kept, a schedule that has stopped."""

from collections.abc import Iterator

from blueprint.topology import Function, Trigger
from deploy.deployment import Deployment, service
from deploy.step import CONFLICT, NEW_API, NEW_METRIC, Step
from shared.contract.log_events import LogEvent

_LATE_AFTER_SECONDS = 600
# Of all revisions together: each has a series of its own, which ends with the next deployment.
_TOGETHER = '{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_SUM"}'
_LATE_METRIC, _UNKEPT_METRIC = "usher-outbox-late", "usher-promise-not-kept"


def alert_steps(deployment: Deployment) -> Iterator[Step]:
    """None without a notification channel: an alert that tells nobody is none."""
    if not deployment.alert_channel:
        return
    late = f'jsonPayload.message="{LogEvent.OUTBOX_RELAYED}" AND jsonPayload.oldest_age_seconds>{_LATE_AFTER_SECONDS}'
    yield _count(deployment, "Count when the relay leaves old events behind", metric=_LATE_METRIC, lines=late)
    unkept = f'jsonPayload.message="{LogEvent.PROMISES_AUDITED}" AND jsonPayload.status>0'
    sentence = "Count when an audit finds that a promise is not kept"
    yield _count(deployment, sentence, metric=_UNKEPT_METRIC, lines=unkept)
    dead_letters = deployment.topology.events.dead_letter_subscription
    yield _alert(
        deployment,
        "Usher: dead letters",
        'metric.type="pubsub.googleapis.com/subscription/num_undelivered_messages" AND '
        f'resource.type="pubsub_subscription" AND resource.label.subscription_id="{dead_letters}"',
    )
    for display_name, metric in (
        ("Usher: the outbox does not empty", _LATE_METRIC),
        ("Usher: a promise is not kept", _UNKEPT_METRIC),
    ):
        counted = f'metric.type="logging.googleapis.com/user/{metric}" AND resource.type="cloud_run_revision"'
        yield _alert(deployment, display_name, counted)
    for name, function in deployment.functions().items():
        if function.trigger is Trigger.SCHEDULE:
            yield _alert(
                deployment,
                f"Usher: {service(name)} does not run",
                'metric.type="run.googleapis.com/request_count" AND metric.label.response_code_class="2xx" AND '
                f'resource.type="cloud_run_revision" AND resource.label.service_name="{service(name)}"',
                when=f"--if=absent --duration={_absent_seconds(function)}s --aggregation='{_TOGETHER}'",
            )


def _absent_seconds(function: Function) -> int:
    """Three runs have failed, or not taken place."""
    return max(_LATE_AFTER_SECONDS, 3 * (function.every_seconds or 0))


def _count(deployment: Deployment, sentence: str, *, metric: str, lines: str) -> Step:
    """Log lines as a metric."""
    return Step(
        sentence,
        deployment.gcloud(f"logging metrics create {metric} --description='{sentence}'", f"--log-filter={lines}"),
        check=deployment.gcloud("logging metrics list --format='value(name)'"),
        there=metric,
        undo=deployment.gcloud(f"logging metrics delete {metric}"),
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
