"""Events of each type, and messages that are almost one."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from google.protobuf.json_format import MessageToJson

from shared.events.codec import Encoding, encode
from shared.events.event import EventId, UserId
from shared.events.message import Message
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from shared.events.user_created import UserCreated
from shared.events.user_created_pb2 import UserCreated as UserCreatedMessage

EVENT = UserCreated(
    event_id=EventId("0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60"),
    user_id=UserId("5f60718a-9b0c-4d1e-8f2a-3b4c5d6e7f80"),
    name="Jürgen",
    company="Acme",
    email="ewan@example.com",
    email_verified=True,
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
REQUESTED = SignUpRequested(
    event_id=EventId("7d1f0a3b-2c4e-4f60-8172-93a4b5c6d7e8"),
    user_id=UserId("e8d7c6b5-a493-4827-9160-4f2c3b0a1d7e"),
    email="grüße+news@bücher.example",
    occurred_at=datetime(2026, 11, 29, 9, 15, 30, 654321, tzinfo=UTC),
    traceparent="00-a3ce929d0e0e47364bf92f3577b34da6-0af7651916cd43dd-01",
)
EVENTS = (EVENT, REQUESTED, REPEATED)
_IDS = ("ce-id", "ce-subject")
REQUIRED = ["event_id", "user_id", "name", "email", "occurred_at"]
# What no sign-up was ever accepted with, and what is said of it.
OUT_OF_BOUNDS = [
    ("name", "a" * 101, "name has more than 100 characters"),
    ("name", "\N{COMBINING ACUTE ACCENT}" * 20_000, "name has more than 100 characters"),
    ("name", "one paragraph\n\nanother", "name contains control characters"),
    ("name", "one line\u2028another", "name contains control characters"),
    ("name", "NUL\0", "name contains control characters"),
    ("name", "\x9b31mred", "name contains control characters"),
    ("name", "\u202egnp.exe", "name contains control characters"),
    ("name", "\u2068isolated", "name contains control characters"),
    ("name", " \u00a0\u3000", "name is blank"),
    ("company", "a" * 101, "company has more than 100 characters"),
    ("company", "\tAcme", "company contains control characters"),
    ("company", "  ", "company is blank"),
    ("email", f"{'a' * 243}@example.com", "email has more than 254 characters"),
    ("email", "nobody", "email is not an address"),
    ("email", "x@localhost", "email is not an address"),
    ("email", "x@example\N{IDEOGRAPHIC FULL STOP}com", "email is not an address"),
    ("email", "x@example.com.", "email is not an address"),
    ("email", "x@@example.com", "email is not an address"),
    ("email", "x@example.com,y@example.com", "email is not an address"),
    ("email", "Ewan <x@example.com>", "email is not an address"),
    ("email", "x y@example.com", "email is not an address"),
    ("email", ".x@example.com", "email is not an address"),
    ("email", "x@example.com\r\nBcc: y@example.com", "email contains control characters"),
    ("email", "x\u2066@example.com", "email contains control characters"),
    ("event_id", EVENT.event_id.upper(), "event_id is not a UUID"),
    ("user_id", EVENT.user_id + "0" * 10_000, "user_id has more than 36 characters"),
    ("occurred_at", "0001-01-01T00:00:00+23:59", "occurred_at is not an RFC 3339 time between the years 1970 and 2999"),
    ("occurred_at", "9999-12-31T23:59:59-23:59", "occurred_at is not an RFC 3339 time between the years 1970 and 2999"),
    ("occurred_at", f"2026-11-05T12:00:00.{'0' * 10_000}Z", "occurred_at has more than 35 characters"),
]


def message_of(encoding: Encoding, **texts: str) -> Message:
    """EVENT with fields changed, as another publisher may have encoded it."""
    message = encode(EVENT, encoding)
    content = UserCreatedMessage.FromString(encode(EVENT, Encoding.PROTOBUF).data)
    for field, text in texts.items():
        setattr(content, field, text)
    in_json = MessageToJson(content, preserving_proto_field_name=True).encode()
    data = in_json if encoding is Encoding.JSON else content.SerializeToString()
    return Message(data, {name: value for name, value in message.attributes.items() if name not in _IDS})


def json_of(**changes: object) -> Message:
    """EVENT with members changed, or left out where the change is None."""
    message = encode(EVENT, Encoding.JSON)
    members: dict[str, Any] = json.loads(message.data) | changes
    data = json.dumps({name: value for name, value in members.items() if value is not None}).encode()
    return Message(data, {name: value for name, value in message.attributes.items() if name not in _IDS})


def without(message: Message, attribute: str) -> Message:
    return replace(message, attributes={k: v for k, v in message.attributes.items() if k != attribute})
