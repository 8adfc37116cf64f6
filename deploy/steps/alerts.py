"""Cloud Monitoring alerts, and who is told."""

from collections.abc import Iterator, Mapping

from blueprint.topology import Function, Trigger
from deploy.deployment import LABEL, Deployment, service
from deploy.step import CONFLICT, NEW_API, NEW_METRIC, Step, document
from deploy.steps.burn_rate import mails_burn, sign_ups_burn
from deploy.steps.metrics import OUTBOX_LATE, OUTBOX_LATE_SECONDS, UNKEPT

_RUNBOOK = "What it means and what to do: docs/operate.md, under "
# Google says 10 minutes, at most, until a new metric may be named.
_NEW_METRIC_SECONDS = 720
_CHANNEL = "ALERT_EMAIL_CHANNEL"


def alert_steps(deployment: Deployment) -> Iterator[Step]:
    """None without anyone to notify: an alert that tells nobody is none."""
    if deployment.alert_email:
        yield _channel_step(deployment, deployment.alert_email)
    if deployment.alert_email or deployment.alert_channel:
        yield from _threshold_alerts(deployment)
        yield from _absence_alerts(deployment)
        for name, burning in (("sign-ups fail", sign_ups_burn(deployment)), ("mails are late", mails_burn())):
            # Metrics of what has not happened yet do not exist.
            condition = {
                "query": burning,
                "duration": "0s",
                "evaluationInterval": "60s",
                "disableMetricValidation": True,
            }
            yield _alert(deployment, name, {"conditionPrometheusQueryLanguage": condition})


def _channel_step(deployment: Deployment, address: str) -> Step:
    """Found again by its label. The address is not on a command line: a failure shows that."""
    gcloud, (key, _, value) = deployment.gcloud, LABEL.partition("=")
    channel = {
        "type": "email",
        "displayName": "Usher",
        "labels": {"email_address": address},
        "userLabels": {key: value},
    }
    return Step(
        "Notify the address that alert_email names",
        gcloud("beta monitoring channels create --channel-content-from-file=- --format='value(name)'"),
        check=gcloud(
            f"beta monitoring channels list --filter='userLabels.{key}=\"{value}\"' --format='value(name)'",
        ),
        update=gcloud("beta monitoring channels update ${FOUND} --channel-content-from-file=-"),
        payload=document(channel),
        fills=_CHANNEL,
        undo=gcloud("beta monitoring channels delete ${FOUND}"),
    )


def _threshold_alerts(deployment: Deployment) -> Iterator[Step]:
    dead_letters = deployment.topology.events.dead_letter_subscription
    waiting = 'metric.type="pubsub.googleapis.com/subscription/num_undelivered_messages"'
    there = f'resource.type="pubsub_subscription" AND resource.label.subscription_id="{dead_letters}"'
    for name, filtered in (
        ("dead letters", f"{waiting} AND {there}"),
        ("the outbox does not empty", _counted(OUTBOX_LATE)),
        ("a promise is not kept", _counted(UNKEPT)),
    ):
        threshold = {"filter": filtered, "comparison": "COMPARISON_GT", "thresholdValue": 0, "duration": "60s"}
        yield _alert(deployment, name, {"conditionThreshold": threshold})


def _counted(metric: str) -> str:
    return f'metric.type="logging.googleapis.com/user/{metric}" AND resource.type="cloud_run_revision"'


def _absence_alerts(deployment: Deployment) -> Iterator[Step]:
    for name, function in deployment.functions().items():
        if function.trigger is Trigger.SCHEDULE:
            absent = {
                "filter": 'metric.type="run.googleapis.com/request_count" AND metric.label.response_code_class="2xx" '
                f'AND resource.type="cloud_run_revision" AND resource.label.service_name="{service(name)}"',
                "duration": f"{_absent_seconds(function)}s",
                # Of all revisions together: each has a series of its own, which ends with the next deployment.
                "aggregations": [
                    {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_SUM"}
                ],
            }
            yield _alert(deployment, f"{service(name)} does not run", {"conditionAbsent": absent})


def _absent_seconds(function: Function) -> int:
    """Three runs have failed, or not taken place."""
    return max(OUTBOX_LATE_SECONDS, 3 * (function.every_seconds or 0))


def _alert(deployment: Deployment, name: str, condition: Mapping[str, object]) -> Step:
    display_name = f"Usher: {name}"
    policy = {
        "combiner": "OR",
        "conditions": [{"displayName": display_name, **condition}],
        "documentation": {"content": f"{_RUNBOOK}{display_name}", "mimeType": "text/markdown"},
    }
    told = ",".join(filter(None, [deployment.alert_channel, deployment.alert_email and f"${{{_CHANNEL}}}"]))
    gcloud, given = deployment.gcloud, ("--policy-from-file=-", f"--display-name={display_name}")
    return Step(
        f"Alert: {display_name}",
        gcloud(f"monitoring policies create --notification-channels={told} --format='value(name)'", *given),
        check=gcloud("monitoring policies list --format='value(name)'", f'--filter=displayName="{display_name}"'),
        update=gcloud(f"monitoring policies update ${{FOUND}} --set-notification-channels={told}", *given),
        payload=document(policy),
        retried=f"{NEW_API}|{CONFLICT}|{NEW_METRIC}",
        patience_seconds=_NEW_METRIC_SECONDS,
        undo=gcloud("monitoring policies delete ${FOUND}"),
    )
