"""Publish an event, then clear it from the outbox: step 5 of docs/architecture.md."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NewType, Protocol

from shared.broker.publisher import NotPublishedError, Publisher
from shared.contract.log_events import LogEvent
from shared.events.event import Event
from shared.runtime import logs

EntryVersion = NewType("EntryVersion", object)
Later = Callable[[Callable[[], None]], object]  # runs what it is given: at once, or when nobody waits any more


@dataclass(frozen=True)
class Entry:
    """
    An event as it was put into the outbox.

    A later put of the same event has another `version`. `age_seconds` is its age when it was read, on the store's
    clock; who has just put it there leaves it out.
    """

    event: Event
    version: EntryVersion
    age_seconds: float = 0.0


class OutboxUnavailableError(Exception):
    """The outbox's store did not respond."""


LEFT_IN_OUTBOX = (NotPublishedError, OutboxUnavailableError)  # after either, the event may still be there


class Outbox(Protocol):
    """Holds the events that the broker has not acknowledged yet. Its methods raise OutboxUnavailableError."""

    def pages(self) -> Iterator[Sequence[Entry]]:
        """All entries, page by page, in no order of time."""

    def clear(self, entry: Entry) -> None:
        """Take the entry out, if it is there at its version. One that a redrive put there since stays."""

    def count(self) -> int: ...


def publish_and_clear(entry: Entry, publisher: Publisher, outbox: Outbox) -> None:
    """
    Publish the entry's event and take the entry out of the outbox.

    A crash in between leaves it there: the relay publishes it again, and every subscriber drops the duplicate.

    Raises:
        NotPublishedError, OutboxUnavailableError: It is still in the outbox.
    """
    publisher.publish(entry.event)
    outbox.clear(entry)


def publish_best_effort(entry: Entry, *, publisher: Publisher, outbox: Outbox, later: Later) -> None:
    """
    Publish the entry's event, or leave it to the relay.

    `later` decides when the entry is cleared: where the CPU stays after the answer, nobody has to wait for that. If it
    fails, the relay publishes the event again, and every subscriber drops the duplicate.
    """
    with _left_to_relay(entry.event):
        publisher.publish(entry.event)
        later(partial(_clear, entry, outbox))


def _clear(entry: Entry, outbox: Outbox) -> None:
    with _left_to_relay(entry.event):
        outbox.clear(entry)


@contextmanager
def _left_to_relay(event: Event) -> Iterator[None]:
    """The relay repairs a failure here; no sign-up fails because of it."""
    try:
        yield
    except LEFT_IN_OUTBOX as error:
        logs.warning(
            LogEvent.EVENT_LEFT_TO_RELAY, event_id=event.event_id, user_id=event.user_id, reason=type(error).__name__
        )
