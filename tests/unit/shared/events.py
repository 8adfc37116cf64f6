"""An event of each type, and messages that are almost one."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from shared.events.codec import Encoding, Message, encode
from shared.events.event import EventId, UserId
from shared.events.sign_up_repeated import SignUpRepeated
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
REPEATED = SignUpRepeated(
    event_id=EventId("c1d2e3f4-0516-4273-8495-a6b7c8d9eaf0"),
    user_id=EVENT.user_id,
    email=EVENT.email,
    occurred_at=datetime(2026, 11, 6, 8, 30, tzinfo=UTC),
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)
EVENTS = (EVENT, REPEATED)
_IDS = ("ce-id", "ce-subject")
REQUIRED = ["event_id", "user_id", "name", "email", "occurred_at"]


def json_of(**changes: object) -> Message:
    """EVENT with members changed, or left out where the change is None."""
    message = encode(EVENT, Encoding.JSON)
    members: dict[str, Any] = json.loads(message.data) | changes
    data = json.dumps({name: value for name, value in members.items() if value is not None}).encode()
    return Message(data, {name: value for name, value in message.attributes.items() if name not in _IDS})


def without(message: Message, attribute: str) -> Message:
    return replace(message, attributes={k: v for k, v in message.attributes.items() if k != attribute})
