"""What every subscriber does with a push: read the event, act, and decide whether Pub/Sub redelivers it."""

import json
from collections.abc import Callable
from typing import Protocol

import msgspec
from cloudevents.http import CloudEvent
from werkzeug.exceptions import ServiceUnavailable

from shared import logs, tracing
from shared.deliveries.delivery import DeliveryError
from shared.events.codec import MalformedEventError, Message, decode
from shared.events.user_created import UserCreated


class MalformedEvents(Protocol):
    """Keeps what cannot be read."""

    def record(self, message: Message, reason: str) -> str:
        """Keep it, and return the record's id."""


class _PubsubMessage(msgspec.Struct):
    data: bytes = b""
    attributes: dict[str, str] = {}


class _Push(msgspec.Struct):
    message: _PubsubMessage


def handle(cloud_event: CloudEvent, act: Callable[[UserCreated], None], malformed_events: MalformedEvents) -> None:
    """
    Act on a push. Returning acknowledges it, raising has it redelivered.

    An event that cannot be read is recorded and acknowledged: no redelivery would change it.

    Raises:
        ServiceUnavailable: The event is not delivered yet, for a reason that passes.
    """
    message = _message(cloud_event.data)
    with tracing.continued(message.attributes.get("traceparent")):
        try:
            _act_or_record(message, act, malformed_events)
        except DeliveryError as error:
            logs.warning("event_not_acknowledged", reason=type(error).__name__)
            raise ServiceUnavailable from error


def _act_or_record(message: Message, act: Callable[[UserCreated], None], malformed_events: MalformedEvents) -> None:
    try:
        event = decode(message)
    except MalformedEventError as error:
        logs.error("event_rejected", reason=str(error), record=malformed_events.record(message, str(error)))
    else:
        act(event)


def _message(payload: object) -> Message:
    """The Pub/Sub message of a push; of what is none, the whole payload and no attributes."""
    try:
        push = msgspec.convert(payload, _Push)
    except (msgspec.ValidationError, UnicodeEncodeError):  # lone surrogates: JSON has them, UTF-8 does not
        return Message(json.dumps(payload, default=repr).encode(), {})
    return Message(push.message.data, push.message.attributes)
