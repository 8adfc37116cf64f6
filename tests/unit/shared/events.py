"""An event, and messages that are almost it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shared.events.codec import Encoding, Message, encode
from shared.events.event import EventId, UserId
from shared.events.user_created import UserCreated

EVENT = UserCreated(
    event_id=EventId("0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60"),
    user_id=UserId("5f60718a-9b0c-4d1e-8f2a-3b4c5d6e7f80"),
    name="Jürgen",
    company="Acme",
    email="ewan@example.com",
    occurred_at=datetime(2026, 11, 5, 12, 0, 0, 123456, tzinfo=UTC),
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
# What is in flight, in the outbox and among the dead letters was written so: a change here loses it.
GOLDEN = {
    Encoding.JSON: (
        b'{"event_id": "0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60", "user_id": "5f60718a-9b0c-4d1e-8f2a-3b4c5d6e7f80", '
        b'"name": "J\\u00fcrgen", "company": "Acme", "email": "ewan@example.com", '
        b'"occurred_at": "2026-11-05T12:00:00.123456+00:00"}'
    ),
    Encoding.PROTOBUF: (
        b"\n$0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60\x12$5f60718a-9b0c-4d1e-8f2a-3b4c5d6e7f80"
        b'\x1a\x07J\xc3\xbcrgen"\x04Acme*\x10ewan@example.com2 2026-11-05T12:00:00.123456+00:00'
    ),
}
REQUIRED = ["event_id", "user_id", "name", "email", "occurred_at"]


def json_of(**changes: object) -> Message:
    """EVENT with members changed, or left out where the change is None."""
    message = encode(EVENT, Encoding.JSON)
    members: dict[str, Any] = json.loads(message.data) | changes
    data = json.dumps({name: value for name, value in members.items() if value is not None}).encode()
    return Message(data, {name: value for name, value in message.attributes.items() if name != "ce-id"})


def without(message: Message, attribute: str) -> Message:
    return replace(message, attributes={k: v for k, v in message.attributes.items() if k != attribute})
