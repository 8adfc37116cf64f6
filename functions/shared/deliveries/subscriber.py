"""What every subscriber does with a message: read the event, act, and decide whether it is redelivered."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from werkzeug.exceptions import InternalServerError, ServiceUnavailable

from shared.contract.log_events import LogEvent
from shared.deliveries.delivery import Attempt, DeliveryError, NotDeliveredError
from shared.events.codec import MalformedEventError, decode
from shared.events.event import Event
from shared.events.message import Message
from shared.runtime import logs, tracing

# What a subscriber does about each type of event.
Acts = Mapping[type[Event], Callable[[Any, Attempt], None]]
# Attempts the act on an event, unless that is done already.
Deliver = Callable[[Event, Callable[[Attempt], None]], None]


class MalformedEvents(Protocol):
    """Keeps unreadable messages."""

    def record(self, message: Message, reason: str) -> str:
        """Keep it, and return the record's id."""


def handle(message: Message, acts: Acts, *, deliver: Deliver, malformed_events: MalformedEvents) -> None:
    """
    Act on the event in a message. Returning acknowledges it, raising has it redelivered.

    An event of a type that has no act is acknowledged. So is one that cannot be read, once it is recorded: no
    redelivery would change it.

    Raises:
        ServiceUnavailable: The event is not delivered yet, for a transient reason.
        InternalServerError: A bug.
    """
    with tracing.continued(message.attributes.get("traceparent")), _redelivering_failures():
        try:
            event = decode(message)
        except MalformedEventError as error:
            _record(message, str(error), malformed_events)
        else:
            if act := acts.get(type(event)):
                deliver(event, lambda attempt: act(event, attempt))


def reject(message: Message, reason: str, malformed_events: MalformedEvents) -> None:
    """
    Record an unreadable message. Returning acknowledges it, raising has it redelivered.

    Raises:
        ServiceUnavailable: It is not recorded yet.
    """
    with tracing.continued(None), _redelivering_failures():
        _record(message, reason, malformed_events)


def _record(message: Message, reason: str, malformed_events: MalformedEvents) -> None:
    logs.error(LogEvent.EVENT_REJECTED, reason=reason, record=malformed_events.record(message, reason))


@contextmanager
def _redelivering_failures() -> Iterator[None]:
    """Turn each exception into the HTTP error that has the push redelivered."""
    try:
        yield
    except DeliveryError as error:
        if not isinstance(error, NotDeliveredError):  # that one is logged with its code
            logs.warning(LogEvent.EVENT_NOT_ACKNOWLEDGED, reason=type(error).__name__)
        raise ServiceUnavailable from error
    except Exception as error:  # the edge: the framework would log it outside of its trace
        logs.error(LogEvent.EVENT_FAILED)
        raise InternalServerError from error
