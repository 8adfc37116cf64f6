"""When the two objectives raise an alert, and that what alerts and dashboard ask Cloud Monitoring for exists."""

import json
import re
from collections.abc import Iterator, Mapping

import pytest

from blueprint.topology import PROJECT_ROOT
from deploy.steps.burn_rate import mails_burn, sign_ups_burn
from tests.unit.deploy.plans import SMS, all_steps, deployment

DEPLOYMENT = deployment(**SMS)
STEPS = all_steps(DEPLOYMENT)
DOCUMENTS = {step.sentence: json.loads(step.payload.read("")) for step in STEPS if step.payload and step.may_fail}
_RUN = {"monitored_resource", "service_name"}
_OURS = {"monitored_resource", "outcome"}
_PUSHED = {"subscription_id"}
# As Google lists them, with the labels that are used: https://cloud.google.com/monitoring/api/metrics_gcp
KNOWN = {
    "run_googleapis_com:request_count": _RUN | {"response_code_class"},
    "run_googleapis_com:request_latencies_bucket": _RUN,
    "run_googleapis_com:container_instance_count": _RUN,
    "pubsub_googleapis_com:subscription_num_undelivered_messages": _PUSHED,
    "pubsub_googleapis_com:subscription_oldest_unacked_message_age": _PUSHED,
    **dict.fromkeys(("logging_googleapis_com:user_usher_mails", "logging_googleapis_com:user_usher_mails_late"), _OURS),
    **dict.fromkeys((f"logging_googleapis_com:user_usher_effects_{part}" for part in ("bucket", "count")), _OURS),
    **dict.fromkeys((f"logging_googleapis_com:user_usher_outbox_age_{part}" for part in ("sum", "count")), _OURS),
}
HOUR, MINUTES, SIX_HOURS, HALF_HOUR = "1h", "5m", "6h", "30m"


def fires(query: str, bad: Mapping[str, float], total: Mapping[str, float]) -> bool:
    """A condition as Python has it, in which PromQL's operators bind alike, with counts for sums."""

    def counted(match: re.Match[str]) -> str:
        is_bad = "5xx" in match[0] or "_late{" in match[0]
        return str((bad if is_bad else total).get(match[1], 0) or "1e-9")

    return bool(eval(re.sub(r"sum\(increase\([^)]*?\[(\w+)\]\)\)", counted, query)))  # noqa: S307  our own text


@pytest.mark.parametrize(("query", "budget"), [(sign_ups_burn(DEPLOYMENT), 0.001), (mails_burn(), 0.01)])
def test_alert_is_raised_by_what_is_fast_and_by_what_goes_on(query: str, budget: float) -> None:
    total = {MINUTES: 1000.0, HALF_HOUR: 6000.0, HOUR: 12000.0, SIX_HOURS: 72000.0}

    def spending(speed: float, *windows: str) -> bool:
        return fires(query, {window: speed * budget * total[window] for window in windows}, total)

    assert spending(15, HOUR, MINUTES)
    assert not spending(14, HOUR, MINUTES)
    assert not spending(15, HOUR)  # it is over
    assert not spending(15, MINUTES)  # it is a blip
    assert spending(7, SIX_HOURS, HALF_HOUR)
    assert not spending(5, SIX_HOURS, HALF_HOUR)
    assert not spending(7, SIX_HOURS)


@pytest.mark.parametrize("query", [sign_ups_burn(DEPLOYMENT), mails_burn()])
def test_two_failures_raise_no_alert_however_little_goes_on(query: str) -> None:
    every = (MINUTES, HALF_HOUR, HOUR, SIX_HOURS)

    assert not fires(query, dict.fromkeys(every, 2), dict.fromkeys(every, 4))
    assert fires(query, dict.fromkeys(every, 3), dict.fromkeys(every, 4))


def test_every_query_asks_for_what_exists_by_labels_that_it_has() -> None:
    asked = [found for text in texts(DOCUMENTS) for found in re.findall(r"(\w+_com:\w+)\{([^}]*)\}", text)]

    assert {metric for metric, _ in asked} == set(KNOWN)
    for metric, chosen in asked:
        assert set(re.findall(r"(\w+)=~?\"", chosen)) <= KNOWN[metric], metric
    counted = {step.command[4] for step in STEPS if step.command[1:4] == ("logging", "metrics", "create")}
    ours = {re.sub(r"_(bucket|count|sum)$", "", metric) for metric in KNOWN if metric.startswith("logging")}
    assert ours <= {f"logging_googleapis_com:user_{name.replace('-', '_')}" for name in counted}


def texts(value: object) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from texts(one)


def test_lines_that_are_counted_are_those_that_the_functions_log() -> None:
    filters = {name: document["filter"] for name, document in DOCUMENTS.items() if "filter" in document}

    assert filters["Count mails that a minute was not enough for"] == (
        '(jsonPayload.message="mail_sent" OR jsonPayload.message="mail_retried") AND jsonPayload.latency_ms>60000'
    )
    assert filters["Count mails, once sent or late"] == (
        'jsonPayload.message="mail_sent" OR (jsonPayload.message="mail_retried" AND jsonPayload.latency_ms>60000)'
    )
    effects = filters["Measure mails and SMS by outcome"]
    outcomes = [f"{effect}_{outcome}" for effect in ("mail", "sms") for outcome in ("sent", "retried", "refused")]
    assert re.findall(r'"(\w+)"', effects) == outcomes


def test_dashboard_charts_every_function_and_subscription() -> None:
    charts = {chart["title"]: json.dumps(chart) for chart in DOCUMENTS["Create the dashboard"]["gridLayout"]["widgets"]}

    assert 'service_name=\\\\\\"create-user\\\\\\"' in json.dumps(charts["Sign-ups per second, by response"])
    assert "create-user|relay-outbox|audit|send-email|notify-admin" in charts["Instances, by service"]
    assert "send-email|notify-admin" in charts["Events waiting, by subscription"]
    assert "user.created.dead-letter" in charts["Dead letters"]
    assert "relay-outbox|audit" in charts["Runs of relay and audit in an hour, by response"]


def test_alerts_tell_the_address_and_the_channel_and_where_to_read_on() -> None:
    told = {word for step in STEPS for word in step.command if word.startswith("--notification-channels")}
    alerts = {name.partition("Alert: ")[2]: one for name, one in DOCUMENTS.items() if name.startswith("Alert: ")}

    assert told == {"--notification-channels=projects/p/notificationChannels/1,${ALERT_EMAIL_CHANNEL}"}
    headings = [line for line in (PROJECT_ROOT / "docs" / "operate.md").read_text().splitlines() if line[:4] == "### "]
    assert len(alerts) == 7
    assert not [name for name in alerts if not any(name in heading for heading in headings)]
    assert all(
        one["documentation"]["content"].endswith(f"docs/operate.md, under {name}") for name, one in alerts.items()
    )
