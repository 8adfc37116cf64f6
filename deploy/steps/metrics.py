"""Metrics counted from our own log lines, for the alerts and the dashboard."""

from collections.abc import Iterator

from deploy.deployment import Deployment
from deploy.step import Step, document
from shared.contract.log_events import EffectOutcome, LogEvent

OUTBOX_LATE_SECONDS = 600
MAIL_LATE_SECONDS = 60

OUTBOX_LATE, OUTBOX_AGE = "usher-outbox-late", "usher-outbox-age"
UNKEPT = "usher-promise-not-kept"
MAILS, MAILS_LATE, EFFECTS = "usher-mails", "usher-mails-late", "usher-effects"


def metric_steps(deployment: Deployment) -> Iterator[Step]:
    """
    Counts of lines, and distributions of a field that is measured, by the line's message.

    Cloud Monitoring knows a new metric some minutes later: they are made before the functions are built.
    """
    relayed, audited = (_line(event) for event in (LogEvent.OUTBOX_RELAYED, LogEvent.PROMISES_AUDITED))
    sent, retried = (_line(outcome.of("mail")) for outcome in (EffectOutcome.SENT, EffectOutcome.RETRIED))
    effects = " OR ".join(_line(outcome.of(effect)) for effect in ("mail", "sms") for outcome in EffectOutcome)
    old = f"jsonPayload.oldest_age_seconds>{OUTBOX_LATE_SECONDS}"
    # A mail that is still tried counts at each attempt that fails after its minute: one that never leaves is late, too.
    late = f"jsonPayload.latency_ms>{MAIL_LATE_SECONDS * 1000}"
    for name, sentence, lines, measured in (
        (OUTBOX_LATE, "Count when the relay leaves old events behind", f"{relayed} AND {old}", ""),
        (OUTBOX_AGE, "Measure how old the outbox is", relayed, "oldest_age_seconds"),
        (UNKEPT, "Count when an audit finds that a promise is not kept", f"{audited} AND jsonPayload.status>0", ""),
        (MAILS, "Count mails, once sent or late", f"{sent} OR ({retried} AND {late})", ""),
        (MAILS_LATE, "Count mails that a minute was not enough for", f"({sent} OR {retried}) AND {late}", ""),
        (EFFECTS, "Measure mails and SMS by outcome", effects, "latency_ms"),
    ):
        described = {"description": sentence, "filter": lines} | (_distribution(measured) if measured else {})
        yield Step(
            sentence,
            deployment.gcloud(f"logging metrics create {name} --config-from-file=-"),
            check=deployment.gcloud("logging metrics list --format='value(name)'"),
            there=name,
            update=deployment.gcloud(f"logging metrics update {name} --config-from-file=-"),
            payload=document(described),
            undo=deployment.gcloud(f"logging metrics delete {name}"),
        )


def _line(message: str) -> str:
    return f'jsonPayload.message="{message}"'


def _distribution(measured: str) -> dict[str, object]:
    labels = [{"key": "outcome", "valueType": "STRING"}]
    return {
        "metricDescriptor": {"metricKind": "DELTA", "valueType": "DISTRIBUTION", "labels": labels},
        "valueExtractor": f"EXTRACT(jsonPayload.{measured})",
        "labelExtractors": {"outcome": "EXTRACT(jsonPayload.message)"},
    }
