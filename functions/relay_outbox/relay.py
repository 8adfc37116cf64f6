"""Publish what requests left in the outbox: step 5b of docs/architecture.md."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from time import monotonic

from shared.broker.publisher import EventRefusedError, Publisher, PublisherUnavailableError
from shared.contract.log_events import LogEvent
from shared.outbox.outbox import LEFT_IN_OUTBOX, Entry, Outbox, OutboxUnavailableError, publish_and_clear
from shared.runtime import logs, tracing

_PARALLEL_PUBLISHES = 8
_UNACKNOWLEDGED_IN_A_ROW = 8  # it is down: with 5% slow publishes, so many come once in 25 billion


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
    Publish every event whose entry is older than `grace`; younger ones belong to a request that is still at work.

    Stops, and the next run continues, when the budget is spent or the broker has not acknowledged 8 publishes in a row,
    in the order in which that becomes known; a refused event is none of them. Two runs publish an event twice at worst.

    Raises:
        OutboxUnavailableError: The outbox cannot be read.
    """
    run = _Run(deadline=monotonic() + budget_seconds)
    relay = partial(_relay, publisher=publisher, outbox=outbox, now=now)
    oldest_age_seconds = 0.0
    with ThreadPoolExecutor(_PARALLEL_PUBLISHES) as pool:
        for page in outbox.pages():
            oldest_age_seconds = max([oldest_age_seconds, *(entry.age_seconds for entry in page)])
            due = [entry for entry in page if entry.age_seconds >= grace.total_seconds()]
            list(pool.map(partial(run.go_on, relay), due))
            if run.is_over():
                break
    report = RelayReport(run.relayed, outbox.count())
    # Of what this run has seen: ids have nothing to do with time, so the first page is a fair sample of a long outbox.
    logs.info(
        LogEvent.OUTBOX_RELAYED, relayed=run.relayed, remaining=report.remaining, oldest_age_seconds=oldest_age_seconds
    )
    return report


class _Run:
    """What a run has come to, and whether it goes on. Each of its threads counts what it has done."""

    def __init__(self, *, deadline: float) -> None:
        self._deadline = deadline
        self._lock = Lock()
        self._unacknowledged = 0
        self.relayed = 0

    def is_over(self) -> bool:
        return self._unacknowledged >= _UNACKNOWLEDGED_IN_A_ROW or monotonic() >= self._deadline

    def go_on(self, relay: Callable[[Entry], Exception | None], entry: Entry) -> None:
        """Relay the entry, unless the run is over."""
        if self.is_over():
            return
        failure = relay(entry)
        with self._lock:
            self.relayed += failure is None
            match failure:
                case PublisherUnavailableError():
                    self._unacknowledged += 1
                case None | OutboxUnavailableError():  # acknowledged, whether cleared or not
                    self._unacknowledged = 0


def _relay(entry: Entry, *, publisher: Publisher, outbox: Outbox, now: Callable[[], datetime]) -> Exception | None:
    """Publish and clear one entry. A failure is returned, not raised: one bad entry must not stop the rest."""
    event = entry.event
    with tracing.continued(event.traceparent):
        try:
            publish_and_clear(entry, publisher, outbox)
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
