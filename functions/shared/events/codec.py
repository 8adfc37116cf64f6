"""Encodes and decodes `user.created`: a CloudEvent in binary mode on Pub/Sub, its data in JSON or protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from google.protobuf import json_format
from google.protobuf.message import DecodeError

from shared.events.user_created import EventId, UserCreated, UserId
from shared.events.user_created_pb2 import UserCreated as UserCreatedMessage

EVENT_TYPE = "user.created"
EVENT_SOURCE = "//usher/create_user"


class Encoding(StrEnum):
    """How the data of an event is written."""

    JSON = "json"
    PROTOBUF = "protobuf"


_CONTENT_TYPES = {Encoding.JSON: "application/json", Encoding.PROTOBUF: "application/protobuf"}
_REQUIRED = ("event_id", "user_id", "name", "email", "occurred_at")


class MalformedEventError(Exception):
    """These bytes are no event of ours, and repeating them will not help. The text names no value."""


@dataclass(frozen=True)
class Message:
    """What travels on Pub/Sub."""

    data: bytes
    attributes: Mapping[str, str]


def encode(event: UserCreated, encoding: Encoding) -> Message:
    content = UserCreatedMessage(
        event_id=event.event_id,
        user_id=event.user_id,
        name=event.name,
        company=event.company,
        email=event.email,
        occurred_at=event.occurred_at.isoformat(),
    )
    if encoding is Encoding.PROTOBUF:
        data = content.SerializeToString()
    else:
        data = json_format.MessageToJson(content, preserving_proto_field_name=True, indent=None).encode()
    attributes = {
        "ce-specversion": "1.0",
        "ce-id": event.event_id,
        "ce-type": EVENT_TYPE,
        "ce-source": EVENT_SOURCE,
        "ce-time": content.occurred_at,
        "ce-subject": event.user_id,
        "Content-Type": _CONTENT_TYPES[encoding],
    }
    if event.traceparent:
        attributes["traceparent"] = event.traceparent
    return Message(data, attributes)


def decode(message: Message) -> UserCreated:
    """
    Read an event, in the encoding that its Content-Type names. Fields that this version does not know are ignored.

    Raises:
        MalformedEventError: The type or encoding is unknown, the data cannot be read, a required field is missing or
            no UUID or no time, or the ids in data and attributes differ.
    """
    if message.attributes.get("ce-type") != EVENT_TYPE:
        raise MalformedEventError("the attribute ce-type names no event that is known")
    content = _parse(message)
    if missing := [name for name in _REQUIRED if not getattr(content, name)]:
        raise MalformedEventError(f"required fields are missing: {', '.join(missing)}")
    event_id = EventId(_uuid("event_id", content.event_id))
    if message.attributes.get("ce-id", event_id) != event_id:
        raise MalformedEventError("the attribute ce-id is not the event_id of the data")
    return UserCreated(
        event_id=event_id,
        user_id=UserId(_uuid("user_id", content.user_id)),
        name=content.name,
        company=content.company,
        email=content.email,
        occurred_at=_time(content.occurred_at),
        traceparent=message.attributes.get("traceparent", ""),
    )


def _parse(message: Message) -> UserCreatedMessage:
    content_type = message.attributes.get("Content-Type", "").partition(";")[0].strip().lower()
    try:
        if content_type == _CONTENT_TYPES[Encoding.PROTOBUF]:
            return UserCreatedMessage.FromString(message.data)
        if content_type == _CONTENT_TYPES[Encoding.JSON]:
            return json_format.Parse(message.data, UserCreatedMessage(), ignore_unknown_fields=True)
    except (DecodeError, json_format.ParseError, UnicodeDecodeError, RecursionError):
        # the cause is left out: its text quotes the data
        raise MalformedEventError(f"the data is no valid {content_type} of user.created") from None
    raise MalformedEventError("the attribute Content-Type names no encoding that is known")


def _uuid(name: str, value: str) -> str:
    try:
        canonical = str(UUID(value))
    except ValueError:
        raise MalformedEventError(f"{name} is no UUID") from None
    if canonical != value:
        raise MalformedEventError(f"{name} is no UUID in its usual form")
    return canonical


def _time(value: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise MalformedEventError("occurred_at is no RFC 3339 time") from None
    if time.tzinfo is None:
        raise MalformedEventError("occurred_at has no time zone")
    return time
