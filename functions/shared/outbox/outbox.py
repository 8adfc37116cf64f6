"""Publish an event, then clear it from the outbox: step 5 of docs/architecture.md, and 5b, the relay."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Protocol

from shared.runtime import logs, tracing
from shared.events.event import Event, EventId

_PARALLEL_PUBLISHES = 8
_CLEARED_WITHIN_SECONDS = 5.0  # by the request itself

Later = Callable[[Callable[[], None]], object]  # runs what it is given, when nobody waits for it


class OutboxError(Exception):
    """The event may not have been published. It stays in the outbox."""


class PublisherUnavailableError(OutboxError):
    """Pub/Sub did not acknowledge the event in time."""


class EventRefusedError(OutboxError):
    """Pub/Sub refuses this very event."""


class OutboxUnavailableError(OutboxError):
    """The store of the outbox did not answer."""


class Publisher(Protocol):
    """Publishes events."""

    def publish(self, event: Event) -> None:
        """
        Return once Pub/Sub has acknowledged the event.

        Raises:
            PublisherUnavailableError, EventRefusedError: It has not.
        """


class Outbox(Protocol):
    """Holds the events that Pub/Sub has not acknowledged yet. Its methods raise OutboxUnavailableError."""

    def pages(self) -> Iterator[Sequence[Event]]:
        """All events, page by page, in no order of time."""

    def clear(self, event_id: EventId) -> None: ...

    def count(self) -> int: ...


@dataclass(frozen=True)
class RelayReport:
    """How many events a run of the relay published, and how many are left in the outbox."""

    relayed: int
    remaining: int


def publish_and_clear(event: Event, publisher: Publisher, outbox: Outbox) -> None:
    """
    Publish the event and take it out of the outbox.

    A crash in between leaves it there: the relay publishes it again, and every subscriber drops the copy.

    Raises:
        OutboxError: It is still in the outbox.
    """
    publisher.publish(event)
    outbox.clear(event.event_id)


def publish_best_effort(event: Event, publisher: Publisher, outbox: Outbox, *, later: Later) -> None:
    """
    Publish the event, or leave it to the relay.

    Its entry is cleared later: nobody has to wait for that. Where it comes to nothing, the relay publishes the event
    again, and every subscriber drops the copy.
    """

    def clear() -> None:
        # An instance may lose its CPU after the answer and wake up to find another entry there: a redrive's.
        if monotonic() < published + _CLEARED_WITHIN_SECONDS:
            with _left_to_relay(event):
                outbox.clear(event.event_id)

    with _left_to_relay(event):
        publisher.publish(event)
        published = monotonic()
        later(clear)


@contextmanager
def _left_to_relay(event: Event) -> Iterator[None]:
    """What fails is repaired by the relay, and fails no sign-up."""
    try:
        yield
    except OutboxError as error:
        logs.warning("event_left_to_relay", event_id=event.event_id, user_id=event.user_id, reason=type(error).__name__)


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

    Stops when the budget is spent or Pub/Sub is unavailable: the next run goes on. Two runs at once publish an event
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
    # Of what this run has met: ids have nothing to do with time, so the first page is a fair sample of a long outbox.
    oldest_age_seconds = (started - oldest).total_seconds()
    logs.info("outbox_relayed", relayed=relayed, remaining=report.remaining, oldest_age_seconds=oldest_age_seconds)
    return report


def _relay(event: Event, *, publisher: Publisher, outbox: Outbox, now: Callable[[], datetime]) -> OutboxError | None:
    """Publish and clear one entry. A failure is returned, not raised: one bad entry must not stop the rest."""
    with tracing.continued(event.traceparent):
        try:
            publish_and_clear(event, publisher, outbox)
        except EventRefusedError as error:
            logs.error("event_refused", event_id=event.event_id, user_id=event.user_id)
            return error
        except OutboxError as error:
            logs.warning(
                "event_not_relayed", event_id=event.event_id, user_id=event.user_id, reason=type(error).__name__
            )
            return error
        logs.info("event_relayed", event_id=event.event_id, user_id=event.user_id, latency_ms=event.age_ms(now()))
        return None
