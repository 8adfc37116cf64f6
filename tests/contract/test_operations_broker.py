"""What a redrive relies on, of either broker."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from secrets import token_hex

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
import pytest
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from blueprint.topology import read_topology
from operations.broker import Broker, BrokerUnavailableError
from operations.brokers.nats import NatsBroker
from operations.brokers.pubsub import PubsubBroker
from shared.events.message import Message
from testkit.brokers.running_broker import RunningBroker
from testkit.brokers.running_nats import RunningNats
from testkit.brokers.running_pubsub import RunningPubsub
from testkit.nats_server import NatsServer

TOPICS = read_topology().events
AS_IT_CAME = Message(b"\xff no JSON", {"ce-type": "user.created", "own": 'ä "b" %41\n', "UPPER_case.1": " "})


@dataclass
class Project:
    """One of its own on a real broker: `broker` and `another` are an operator each."""

    broker: Broker
    another: Broker
    running: RunningBroker
    name: str
    refused: Message

    def dead_letters(self, number: int) -> list[bytes]:
        texts = [b"%d" % each for each in range(number)]
        for text in texts:
            self.running.publish(self.name, Message(text, {"ce-id": "1"}), topic=TOPICS.dead_letter_topic)
        return texts


@pytest.fixture(scope="module")
def nats() -> Iterator[NatsServer]:
    with NatsServer.running() as server:
        yield server


@pytest.fixture(params=["pubsub", "nats"])
def project(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Project:
    name = f"test-{token_hex(8)}"
    monkeypatch.setattr("operations.brokers.pubsub._WAIT_SECONDS", 0.5)
    running: RunningBroker
    operators: list[Broker]
    if request.param == "nats":
        server = request.getfixturevalue("nats")
        running = RunningNats(server.url, tmp_path)
        refused = Message(b"x" * 2_000_000, {})
        operators = [NatsBroker(server.url, project=name, topics=TOPICS) for _ in range(2)]
    else:
        host = request.getfixturevalue("pubsub_host")
        running = RunningPubsub(host)
        refused = Message(b"", {})
        operators = [pubsub_broker(host, name) for _ in range(2)]
    running.create_topics(name)
    return Project(operators[0], operators[1], running, name, refused)


def pubsub_broker(host: str, project: str) -> PubsubBroker:
    channel = grpc.insecure_channel(host)
    return PubsubBroker(
        PublisherClient(transport=PublisherGrpcTransport(channel=channel)),
        SubscriberClient(transport=SubscriberGrpcTransport(channel=channel)),
        project=project,
        topics=TOPICS,
    )


def test_message_is_published_as_it_was_each_time(project: Project) -> None:
    with closing(project.running.witness(project.name)) as witness:
        assert [project.broker.publish(AS_IT_CAME) for _ in range(2)] == ["", ""]

        assert witness.messages() == [AS_IT_CAME] * 2


def test_message_that_the_broker_cannot_carry_is_refused_with_a_reason(project: Project) -> None:
    assert "rejects it" in project.broker.publish(project.refused)


def test_dead_letters_are_pulled_as_they_are_and_nobody_else_gets_them(project: Project) -> None:
    project.running.publish(project.name, AS_IT_CAME, topic=TOPICS.dead_letter_topic)

    [letter] = project.broker.pull()

    assert letter.message == AS_IT_CAME
    assert letter.id.isdigit()
    assert list(project.another.pull()) == []


def test_two_operators_meet_each_dead_letter_once(project: Project) -> None:
    texts = project.dead_letters(150)

    pages = [page for _ in range(2) for each in (project.broker, project.another) if (page := each.pull())]

    assert sorted(letter.message.data for letter in chain(*pages)) == sorted(texts)


def test_acknowledged_dead_letter_is_gone_and_a_released_one_is_there_at_once(project: Project) -> None:
    project.dead_letters(3)
    letters = project.broker.pull()

    project.broker.acknowledge(letters[:1])
    project.broker.release(letters[1:])

    assert sorted(each.id for each in project.another.pull()) == sorted(each.id for each in letters[1:])


def test_letters_that_nobody_has_are_answered_for_without_a_call(project: Project) -> None:
    project.broker.release([])


@pytest.mark.parametrize("does", ["publish", "pull"])
def test_nats_that_has_no_streams_or_is_silent_is_not_taken_for_empty(
    does: str, nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.brokers.nats._CALL_SECONDS", 1)
    broker = NatsBroker(nats.url, project="nobody", topics=TOPICS)
    act = broker.pull if does == "pull" else partial(broker.publish, AS_IT_CAME)

    with pytest.raises(BrokerUnavailableError):
        act()
    nats.pause()
    try:
        with pytest.raises(BrokerUnavailableError):
            act()
    finally:
        nats.resume()
