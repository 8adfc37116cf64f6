"""What cannot be read is recorded and acknowledged: no redelivery would change it."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from google.cloud.firestore import Client, FieldFilter

from shared.events.codec import Encoding, encode
from shared.events.message import Message
from testkit.plain_http import http
from testkit.pushing import EVENTARC_HEADERS, an_event, push_message
from testkit.stack import LocalStack

GOOD = encode(an_event(), Encoding.JSON)


def unique(message: Message) -> Message:
    """The same message; an event's data is made unlike any other's by a member that nobody knows."""
    return replace(message, data=message.data.replace(b"{", b'{"%b": 1, ' % uuid4().hex.encode()))


@pytest.mark.parametrize(
    "message",
    [
        Message(b"no json", GOOD.attributes),
        Message(b"\xff\xfe", GOOD.attributes),
        Message(b"[" * 100_000, GOOD.attributes),
        Message(GOOD.data, {}),
        Message(GOOD.data, {**GOOD.attributes, "ce-type": "user.exploded"}),
        Message(GOOD.data, {**GOOD.attributes, "Content-Type": "text/plain"}),
        Message(GOOD.data, {**GOOD.attributes, "ce-id": str(uuid4())}),
        Message(b"x" * 300_000, GOOD.attributes),
    ],
    ids=["no JSON", "no UTF-8", "too deep", "no attributes", "unknown type", "unknown encoding", "two ids", "huge"],
)
def test_malformed_event_is_recorded_with_the_reason_and_acknowledged(
    stack: LocalStack, stack_firestore: Client, message: Message
) -> None:
    message = unique(message)

    responses = [push_message(stack.send_email_url, message) for _ in range(2)]

    same_data = FieldFilter("data_sha256", "==", sha256(message.data).hexdigest())
    [record] = stack_firestore.collection("malformed_events").where(filter=same_data).get()
    assert [response.status_code for response in responses] == [200, 200]
    assert record.get("data") == message.data[: 256 * 1024]
    assert record.get("reason")
    assert any(record.id in line and '"severity": "ERROR"' in line for line in stack.log_lines())


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "a" * 20_000}, "name has more than 100 characters"),
        ({"name": "You have won.\n\nClaim it at https://evil.example/win"}, "name contains control characters"),
        ({"email": "x@localhost"}, "email is not an address"),
    ],
)
def test_event_out_of_bounds_is_recorded_and_acknowledged_and_nothing_is_mailed(
    stack: LocalStack, stack_firestore: Client, encoding: Encoding, change: dict[str, Any], reason: str
) -> None:
    event = replace(an_event(), **change)
    message = encode(event, encoding)

    response = push_message(stack.send_email_url, message)

    same_data = FieldFilter("data_sha256", "==", sha256(message.data).hexdigest())
    [record] = stack_firestore.collection("malformed_events").where(filter=same_data).get()
    assert response.is_success
    assert record.get("reason").startswith(reason)
    assert not stack_firestore.document("deliveries", f"send_email.{event.event_id}").get().exists


def test_event_that_holds_no_message_is_recorded_and_acknowledged(stack: LocalStack, stack_firestore: Client) -> None:
    payload = {"canary": uuid4().hex}

    response = http.post(stack.send_email_url, json=payload, headers=EVENTARC_HEADERS)

    recorded = [record.get("data") for record in stack_firestore.collection("malformed_events").get()]
    assert response.status_code == 200
    assert payload in [json.loads(data) for data in recorded if data.startswith(b'{"canary"')]


def test_message_without_data_is_recorded_and_acknowledged(stack: LocalStack, stack_firestore: Client) -> None:
    attributes = {**GOOD.attributes, "ce-id": str(uuid4())}
    push = {"message": {"attributes": attributes, "messageId": "1"}, "subscription": "projects/p/subscriptions/s"}

    response = http.post(f"{stack.send_email_url}projects/p/topics/user.created", json=push)

    recorded = [record.get("attributes") for record in stack_firestore.collection("malformed_events").get()]
    assert response.is_success
    assert attributes in [json.loads(each) for each in recorded]
