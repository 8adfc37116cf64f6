"""What every subscriber does with a push: read the event, act, and decide whether Pub/Sub redelivers it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec
from werkzeug.exceptions import InternalServerError, ServiceUnavailable

from shared.contract.log_events import LogEvent
from shared.deliveries.delivery import DeliveryError, NotDeliveredError
from shared.events.codec import MalformedEventError, Message, decode
from shared.events.event import Event
from shared.runtime import logs, tracing

# What a subscriber does about each type of event that it handles: a function of the event.
Actions = Mapping[type[Event], Callable[[Any], None]]


class MalformedEvents(Protocol):
    """Keeps unreadable messages."""

    def record(self, message: Message, reason: str) -> str:
        """Keep it, and return the record's id."""


class _PubsubMessage(msgspec.Struct):
    data: bytes = b""
    attributes: dict[str, str] = {}


class _Push(msgspec.Struct):
    message: _PubsubMessage


def handle(push: object, actions: Actions, malformed_events: MalformedEvents) -> None:
    """
    Act on a push: a CloudEvent's data, or the body of a request. Returning acknowledges it, raising has it redelivered.

    An event of a type that has no action is acknowledged. So is one that cannot be read, once it is recorded: no
    redelivery would change it.

    Raises:
        ServiceUnavailable: The event is not delivered yet, for a transient reason.
        InternalServerError: A bug.
    """
    message = _message(push)
    with tracing.continued(message.attributes.get("traceparent")), _redelivering_failures():
        try:
            event = decode(message)
        except MalformedEventError as error:
            _record(message, str(error), malformed_events)
        else:
            if act := actions.get(type(event)):
                act(event)


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


def _message(push: object) -> Message:
    """The Pub/Sub message of a push; of what is none, all of it and no attributes."""
    try:
        message = msgspec.convert(msgspec.json.decode(push) if isinstance(push, bytes) else push, _Push).message
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # lone surrogates: JSON has them, UTF-8 does not
        return Message(push if isinstance(push, bytes) else json.dumps(push, default=repr).encode(), {})
    return Message(message.data, message.attributes)
