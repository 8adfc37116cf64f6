"""The local UI looks at dead letters without taking them."""

from functools import partial
from pathlib import Path

from nats.js.client import JetStreamContext

from blueprint.topology import read_topology
from emulator.broker import PUBLISHED_AT
from emulator.nats.dead_letters import dead_letters
from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_names import stream_of, subject_of
from shared.events.message import Message
from testkit.brokers.running_nats import RunningNats
from testkit.nats_server import NatsServer

PROJECT = "test-letters"
TOPIC = read_topology().events.dead_letter_topic
STREAM = stream_of(PROJECT, TOPIC)


def test_oldest_fifty_are_seen_again_and_again_past_those_that_were_taken(tmp_path: Path) -> None:
    with NatsServer.running() as server:
        broker, connection = RunningNats(server.url, tmp_path), NatsConnection(server.url)
        see = partial(dead_letters, stream=STREAM, subject=subject_of(PROJECT, TOPIC))
        assert connection.call(see, timeout_seconds=5) == {}  # and no stream yet

        broker.create_topics(PROJECT)
        for number in range(1, 61):
            broker.publish(PROJECT, Message(b"", {"ce-id": f"event {number}"}), topic=TOPIC)
        for taken in (1, 3, 4):
            connection.call(partial(_delete, number=taken), timeout_seconds=5)

        for _ in range(2):
            letters = connection.call(see, timeout_seconds=5)
            assert [letter["ce-id"] for letter in letters.values()] == [
                f"event {number}" for number in range(2, 54) if number not in {3, 4}
            ]
            assert list(letters)[:2] == ["2", "5"]
            assert all(letter[PUBLISHED_AT].startswith("20") for letter in letters.values())


async def _delete(jetstream: JetStreamContext, *, number: int) -> bool:
    return await jetstream.delete_msg(STREAM, number)
