"""Publish an event, then clear it from the outbox: step 5 of docs/architecture.md."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import Protocol

from shared.broker.publisher import NotPublishedError, Publisher
from shared.contract.log_events import LogEvent
from shared.events.event import Event, EventId
from shared.runtime import logs

_CLEARED_WITHIN_SECONDS = 5.0  # by the request itself

Later = Callable[[Callable[[], None]], object]  # runs what it is given once nobody is waiting


class OutboxUnavailableError(Exception):
    """The outbox's store did not respond."""


LEFT_IN_OUTBOX = (NotPublishedError, OutboxUnavailableError)  # after either, the event may still be there


class Outbox(Protocol):
    """Holds the events that the broker has not acknowledged yet. Its methods raise OutboxUnavailableError."""

    def pages(self) -> Iterator[Sequence[Event]]:
        """All events, page by page, in no order of time."""

    def clear(self, event_id: EventId) -> None: ...

    def count(self) -> int: ...


def publish_and_clear(event: Event, publisher: Publisher, outbox: Outbox) -> None:
    """
    Publish the event and take it out of the outbox.

    A crash in between leaves it there: the relay publishes it again, and every subscriber drops the duplicate.

    Raises:
        NotPublishedError, OutboxUnavailableError: It is still in the outbox.
    """
    publisher.publish(event)
    outbox.clear(event.event_id)


def publish_best_effort(event: Event, *, publisher: Publisher, outbox: Outbox, later: Later) -> None:
    """
    Publish the event, or leave it to the relay.

    Its entry is cleared later, so that nobody waits for that. If that fails, the relay publishes the event
    again, and every subscriber drops the duplicate.
    """
    with _left_to_relay(event):
        publisher.publish(event)
        later(partial(_clear, event, outbox, deadline=monotonic() + _CLEARED_WITHIN_SECONDS))


def _clear(event: Event, outbox: Outbox, *, deadline: float) -> None:
    """Take a published event out of the outbox, unless it is too late for that on the monotonic clock."""
    # An instance may lose its CPU after the answer and wake up to find another entry there: a redrive's.
    if monotonic() < deadline:
        with _left_to_relay(event):
            outbox.clear(event.event_id)


@contextmanager
def _left_to_relay(event: Event) -> Iterator[None]:
    """The relay repairs a failure here; no sign-up fails because of it."""
    try:
        yield
    except LEFT_IN_OUTBOX as error:
        logs.warning(
            LogEvent.EVENT_LEFT_TO_RELAY, event_id=event.event_id, user_id=event.user_id, reason=type(error).__name__
        )
