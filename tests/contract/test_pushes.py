"""A subscriber cannot tell which broker pushes: the same requests, whoever makes them, and the same answers count."""

import json
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.broker.pubsub_push import read_push
from shared.events.message import Message
from testkit.brokers.running_broker import RunningBroker
from testkit.brokers.running_nats import RunningNats
from testkit.brokers.running_pubsub import RunningPubsub
from testkit.golden_events import read_goldens, recorded_versions
from testkit.http_server import HttpScript, Received, Reply, http_serving
from testkit.nats_server import NatsServer
from testkit.polling import eventually

MESSAGES = [
    *(message for _, golden in read_goldens(recorded_versions()[-1]) for message in golden.messages.values()),
    Message(b"no attributes", {}),
    Message(b"", {"no-data": "é % \N{SNOWMAN} =?utf-8?"}),
    Message(b"\xff\x00", {"Content-Type": ""}),
]
ACKNOWLEDGED = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture
def pubsub(emulators: Mapping[str, str]) -> Iterator[RunningBroker]:
    broker = RunningPubsub(emulators["PUBSUB_EMULATOR_HOST"])
    yield broker
    broker.close()


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[RunningBroker]:
    with NatsServer.running() as server:
        broker = RunningNats(server.url, tmp_path)
        yield broker
        broker.close()


def test_both_brokers_push_the_same_until_it_is_acknowledged(pubsub: RunningBroker, nats: RunningBroker) -> None:
    on_pubsub, on_nats = pushes_of(pubsub), pushes_of(nats)

    assert on_nats == on_pubsub
    assert on_nats == Counter(dict.fromkeys(on_nats, 2))  # once refused
    assert len(on_nats) == len(MESSAGES)


def pushes_of(broker: RunningBroker) -> Counter[str]:
    """Each request with what tells requests apart taken out, and how often it came."""
    project = f"usher-{secrets.token_hex(4)}"

    def answer(_: Received) -> Reply:
        return REFUSED if len(script.requests) <= len(MESSAGES) else ACKNOWLEDGED

    with http_serving(HttpScript(answer)) as script:
        broker.push_events_of(project, f"http://127.0.0.1:{script.port}/")
        for message in MESSAGES:
            broker.publish(project, message)
        assert eventually(lambda: len(script.requests) >= 2 * len(MESSAGES))
        broker.push_no_events_of(project)

    messages = [read_push(push.body) for push in script.requests]
    assert all(message in messages for message in MESSAGES)
    return Counter(seen_by_a_subscriber(push).replace(project, "PROJECT") for push in script.requests)


def seen_by_a_subscriber(push: Received) -> str:
    body: dict[str, Any] = json.loads(push.body)
    message = body["message"]
    assert message.pop("messageId") == message.pop("message_id")
    assert TIME.fullmatch(message["publishTime"])
    assert message.pop("publishTime") == message.pop("publish_time")
    return json.dumps([push.line, push.headers["Content-Type"], body], sort_keys=True)
