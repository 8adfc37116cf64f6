import base64
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from shared.deliveries.delivery import DeliveryInProgressError, NotDeliveredError
from shared.events.codec import Encoding, encode
from shared.events.event import Event
from shared.events.message import Message
from shared.runtime import logs
from testkit.builders import a_sign_up_repeated, a_sign_up_requested, a_user_created
from testkit.entry_points import loaded

MIB = 1024 * 1024
SOURCE = Path(__file__).parent / "recording_subscriber.py"


@dataclass
class Subscriber:
    client: Client
    kept: ModuleType

    def push(self, payload: object) -> TestResponse:
        """As the emulator pushes, and Pub/Sub without wrapping: the topic is in the path."""
        return self.client.post("/projects/usher/topics/user.created", json=payload)

    def push_from_eventarc(self, payload: object) -> TestResponse:
        headers = {
            "ce-id": "1",
            "ce-source": "//pubsub.googleapis.com/projects/usher/topics/user.created",
            "ce-specversion": "1.0",
            "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
        }
        return self.client.post("/", json=payload, headers=headers)

    def recorded(self) -> list[tuple[Message, str]]:
        return list(self.kept.malformed_events.recorded.values())


@pytest.fixture
def subscriber() -> Iterator[Subscriber]:
    with loaded(SOURCE, "receive", {}) as client:
        yield Subscriber(client, sys.modules["recording_subscriber"])


def payload_of(message: Message) -> dict[str, Any]:
    return {
        "subscription": "projects/usher/subscriptions/send-email",
        "message": {
            "data": base64.b64encode(message.data).decode(),
            "attributes": dict(message.attributes),
            "messageId": "1",
            "message_id": "1",
            "publishTime": "2026-11-05T12:00:00Z",
            "publish_time": "2026-11-05T12:00:00Z",
        },
    }


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("form", [Subscriber.push, Subscriber.push_from_eventarc])
def test_event_is_acted_on_in_each_encoding_and_form(subscriber: Subscriber, encoding: Encoding, form: Any) -> None:
    event = a_user_created()

    response = form(subscriber, payload_of(encode(event, encoding)))

    assert response.status_code == 200
    assert subscriber.kept.events == [event]


def test_event_is_acted_on_in_the_trace_of_its_request(subscriber: Subscriber) -> None:
    event = a_user_created()

    subscriber.push(payload_of(encode(event, Encoding.JSON)))

    assert subscriber.kept.traces == [event.traceparent.split("-")[1]]


@pytest.mark.parametrize("failure", [DeliveryInProgressError(), NotDeliveredError("smtp_421")])
def test_event_that_is_not_delivered_yet_is_not_acknowledged(subscriber: Subscriber, failure: Exception) -> None:
    subscriber.kept.failures.append(failure)

    response = subscriber.push(payload_of(encode(a_user_created(), Encoding.JSON)))

    assert response.status_code == 503
    assert subscriber.recorded() == []


def test_event_that_meets_a_bug_is_not_acknowledged(subscriber: Subscriber) -> None:
    subscriber.kept.failures.append(ZeroDivisionError())

    assert subscriber.push(payload_of(encode(a_user_created(), Encoding.JSON))).status_code == 500


@pytest.mark.parametrize("failure", [ZeroDivisionError(), NotDeliveredError("smtp_421"), DeliveryInProgressError()])
def test_every_line_about_a_push_carries_its_trace(subscriber: Subscriber, failure: Exception) -> None:
    event = a_user_created()
    subscriber.kept.failures.append(failure)

    with redirect_stdout(StringIO()) as output:
        logs.configure("usher-project")
        subscriber.push(payload_of(encode(event, Encoding.JSON)))

    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    trace = f"projects/usher-project/traces/{event.traceparent.split('-')[1]}"
    assert "a library's line" in [line["message"] for line in lines]
    assert [line["logging.googleapis.com/trace"] for line in lines] == [trace] * len(lines)


@pytest.mark.parametrize("path", ["/", "/anything", "/robots.txt", "/favicon.ico"])
def test_no_path_and_no_content_type_keeps_a_push_from_the_subscriber(subscriber: Subscriber, path: str) -> None:
    event = a_user_created()
    push = json.dumps(payload_of(encode(event, Encoding.JSON)))

    assert subscriber.client.post(path, data=push, content_type="text/plain").status_code == 200
    assert subscriber.client.put(path, data=push).status_code == 405
    assert subscriber.kept.events == [event]


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("event", [a_sign_up_requested(), a_sign_up_repeated()])
def test_event_of_a_type_without_an_act_is_acknowledged_in_silence(
    subscriber: Subscriber, encoding: Encoding, event: Event, caplog: pytest.LogCaptureFixture
) -> None:
    response = subscriber.push(payload_of(encode(event, encoding)))

    assert response.status_code == 200
    assert (subscriber.kept.events, subscriber.recorded(), caplog.messages) == ([], [], [])


def test_malformed_event_is_recorded_with_its_reason_and_acknowledged(subscriber: Subscriber) -> None:
    message = Message(b"no event", {"ce-type": "user.created", "Content-Type": "application/json", "origin": "x"})

    response = subscriber.push(payload_of(message))

    assert response.status_code == 200
    assert subscriber.recorded() == [(message, "the data is not valid application/json for user.created")]
    assert subscriber.kept.events == []


def test_malformed_event_that_is_redelivered_is_recorded_once(subscriber: Subscriber) -> None:
    for _ in range(2):
        subscriber.push(payload_of(Message(b"no event", {"ce-type": "user.created"})))

    assert len(subscriber.recorded()) == 1


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"message": None},
        {"message": {"data": "no base64!"}},
        {"message": {"data": 5}},
        {"message": {"data": "", "attributes": {"a": 1}}},
        {"message": {"attributes": []}},
        {"message": {"data": "\ud800"}},
        {"text": "nonsense"},
        [],
        [1, {"a": None}],
        "text",
        5,
    ],
)
def test_garbage_is_recorded_whole_and_acknowledged(subscriber: Subscriber, payload: object) -> None:
    response = subscriber.push_from_eventarc(payload)

    assert response.status_code == 200
    ((message, _),) = subscriber.recorded()
    assert (json.loads(message.data), dict(message.attributes)) == (payload, {})


@pytest.mark.parametrize(
    ("body", "status", "kept", "reason"),
    [
        (b"no json", 200, b"no json", "the attribute ce-type does not name a known event"),
        (b"[" * 100_000, 200, b"[" * 100_000, "the attribute ce-type does not name a known event"),
        (b"x" * (MIB + 2), 204, b"x" * (MIB + 1), f"the push is larger than {MIB} bytes"),
    ],
    ids=["not JSON", "too deep", "too large"],
)
def test_push_that_is_none_is_recorded_and_acknowledged(
    subscriber: Subscriber, body: bytes, status: int, kept: bytes, reason: str
) -> None:
    response = subscriber.client.post("/", data=body, content_type="application/json")

    assert response.status_code == status
    assert subscriber.recorded() == [(Message(kept, {}), reason)]


def test_rejected_values_are_in_no_log_line(subscriber: Subscriber, caplog: pytest.LogCaptureFixture) -> None:
    message = Message(b'{"name": "canary"}', {"ce-type": "canary", "Content-Type": "canary", "traceparent": "canary"})

    subscriber.push(payload_of(message))

    (record,) = caplog.records
    assert record.message == "event_rejected"
    assert "canary" not in repr(vars(record))
