"""Cloud Monitoring's dashboard: what an operator looks at first."""

from collections.abc import Iterator, Mapping

from blueprint.topology import Trigger
from deploy.deployment import Deployment, service
from deploy.step import Step, document, literal
from deploy.steps.metrics import EFFECTS, OUTBOX_AGE
from deploy.steps.promql import log_metric, quantile, run_metric, subscription_metric

_ID = "usher"


def dashboard_steps(deployment: Deployment) -> Iterator[Step]:
    gcloud = deployment.gcloud
    dashboard = {
        "name": f"projects/{deployment.project}/dashboards/{_ID}",
        "displayName": "Usher",
        "gridLayout": {"columns": 2, "widgets": [_chart(title, lines) for title, lines in _charts(deployment).items()]},
        "etag": "${FOUND}",  # without it, an update is refused
    }
    yield Step(
        "Create the dashboard",
        gcloud("monitoring dashboards create --config-from-file=-"),
        check=gcloud("monitoring dashboards list --format='value(etag)'", literal(f"--filter=name~/{_ID}$")),
        update=gcloud(f"monitoring dashboards update {_ID} --config-from-file=-"),
        payload=document(dashboard),
        undo=gcloud(f"monitoring dashboards delete {_ID}"),
    )


def _chart(title: str, lines: Mapping[str, str]) -> dict[str, object]:
    series = [
        {"legendTemplate": legend, "plotType": "LINE", "timeSeriesQuery": {"prometheusQuery": query}}
        for legend, query in lines.items()
    ]
    return {"title": title, "xyChart": {"dataSets": series}}


def _charts(deployment: Deployment) -> dict[str, dict[str, str]]:
    """By its title, each chart's queries by their legends; a query by a label has none, and shows the label."""
    functions = deployment.functions()
    entrance, scheduled = (
        "|".join(service(name) for name, function in functions.items() if function.trigger is trigger)
        for trigger in (Trigger.HTTP, Trigger.SCHEDULE)
    )
    subscribed = "|".join(function.subscription for function in functions.values() if function.subscription)
    dead_letters = deployment.topology.events.dead_letter_subscription
    waiting, oldest = "num_undelivered_messages", "oldest_unacked_message_age"
    latency, delay = run_metric("request_latencies", entrance), log_metric(EFFECTS, outcome="mail_sent|sms_sent")
    return {
        "Sign-ups per second, by response": {
            "": f"sum by (response_code_class) (rate({run_metric('request_count', entrance)}[5m]))"
        },
        "Time to answer a sign-up (ms)": {f"p{n}": quantile(n / 100, latency) for n in (50, 95, 99)},
        "Mails and SMS in five minutes, by outcome": {"": f"sum by (outcome) ({_lines(EFFECTS)})"},
        "From sign-up to mail or SMS (ms)": {f"p{n}": quantile(n / 100, delay) for n in (50, 95, 99)},
        "Events waiting, by subscription": {
            "": f"sum by (subscription_id) ({subscription_metric(waiting, subscribed)})"
        },
        "Oldest waiting event (s), by subscription": {
            "": f"max by (subscription_id) ({subscription_metric(oldest, subscribed)})"
        },
        "Dead letters": {"waiting": f"sum({subscription_metric(waiting, dead_letters)})"},
        "Oldest event in the outbox (s)": {"mean": f"sum({_sum(OUTBOX_AGE)}) / sum({_lines(OUTBOX_AGE)})"},
        "Runs of relay and audit in an hour, by response": {
            "": f"sum by (service_name, response_code_class) (increase({run_metric('request_count', scheduled)}[1h]))"
        },
        "Instances, by service": {
            "": f"sum by (service_name) ({run_metric('container/instance_count', '|'.join(map(service, functions)))})"
        },
    }


def _lines(distribution: str) -> str:
    """How many lines were measured in five minutes."""
    return f"increase({log_metric(distribution + '_count')}[5m])"


def _sum(distribution: str) -> str:
    return f"increase({log_metric(distribution + '_sum')}[5m])"
