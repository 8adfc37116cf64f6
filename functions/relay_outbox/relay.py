"""Publish what requests left in the outbox: step 5b of docs/architecture.md."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from shared.broker.publisher import EventRefusedError, Publisher, PublisherUnavailableError
from shared.contract.log_events import LogEvent
from shared.events.event import Event
from shared.outbox.outbox import LEFT_IN_OUTBOX, Outbox, publish_and_clear
from shared.runtime import logs, tracing

_PARALLEL_PUBLISHES = 8


@dataclass(frozen=True)
class RelayReport:
    """How many events a run of the relay published, and how many are left in the outbox."""

    relayed: int
    remaining: int


def relay_outbox(
    outbox: Outbox,
    publisher: Publisher,
    *,
    grace: timedelta,
    budget_seconds: float,
    now: Callable[[], datetime],
) -> RelayReport:
    """
    Publish every event older than `grace`; younger ones belong to a request that is still at work.

    Stops when the budget is spent or the broker is unavailable: the next run continues. Two runs publish an event
    twice at worst.

    Raises:
        OutboxUnavailableError: The outbox cannot be read.
    """
    deadline = monotonic() + budget_seconds
    started = now()
    relayed = 0
    oldest = started
    with ThreadPoolExecutor(_PARALLEL_PUBLISHES) as pool:
        for page in outbox.pages():
            oldest = min([oldest, *(event.occurred_at for event in page)])
            due = [event for event in page if event.occurred_at <= started - grace]
            failures = list(pool.map(partial(_relay, publisher=publisher, outbox=outbox, now=now), due))
            relayed += failures.count(None)
            if monotonic() >= deadline or any(isinstance(failure, PublisherUnavailableError) for failure in failures):
                break
    report = RelayReport(relayed, outbox.count())
    # Of what this run has seen: ids have nothing to do with time, so the first page is a fair sample of a long outbox.
    oldest_age_seconds = (started - oldest).total_seconds()
    logs.info(
        LogEvent.OUTBOX_RELAYED, relayed=relayed, remaining=report.remaining, oldest_age_seconds=oldest_age_seconds
    )
    return report


def _relay(event: Event, *, publisher: Publisher, outbox: Outbox, now: Callable[[], datetime]) -> Exception | None:
    """Publish and clear one entry. A failure is returned, not raised: one bad entry must not stop the rest."""
    with tracing.continued(event.traceparent):
        try:
            publish_and_clear(event, publisher, outbox)
        except EventRefusedError as error:
            logs.error(LogEvent.EVENT_REFUSED, event_id=event.event_id, user_id=event.user_id)
            return error
        except LEFT_IN_OUTBOX as error:
            logs.warning(
                LogEvent.EVENT_NOT_RELAYED, event_id=event.event_id, user_id=event.user_id, reason=type(error).__name__
            )
            return error
        logs.info(
            LogEvent.EVENT_RELAYED, event_id=event.event_id, user_id=event.user_id, latency_ms=event.age_ms(now())
        )
        return None
