"""The streams on a real server: from the first event on nothing is missed, whatever crashes while they are made."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from nats.js.api import DiscardPolicy
from nats.js.client import JetStreamContext
from nats.js.errors import NoStreamResponseError

from blueprint.topology import Topology, read_topology
from pusher.streams import ForeignStreamError, create_streams
from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_message import UnsendableError, headers_of, message_of, publish_message
from shared.broker.nats_names import stream_of, subject_of
from shared.events.message import Message
from testkit.brokers.running_broker import TOPIC
from testkit.golden_events import LIMITS, read_goldens, recorded_versions
from testkit.nats_server import NatsServer

TOPOLOGY = read_topology()
EVENT = Message(b"event", {"ce-id": "1"})
SUBSCRIPTIONS = ["send-email", "notify-admin"]
GOLDEN_MESSAGES = [
    pytest.param(message, id=f"{version.name}-{event_type}-{encoding}")
    for version in (*recorded_versions(), LIMITS)
    for event_type, golden in read_goldens(version)
    for encoding, message in golden.messages.items()
]

VALUES = ["", " ", "%41", "a\r\nNats-Rollup: all", "Zoë \u4f60\U0001f600", '"quoted"', "\x00"]
STRANGE_VALUES = {f"odd-{number}": value for number, value in enumerate(VALUES)}


class KilledError(Exception):
    """The process that makes the streams has ended."""


class Interrupted:
    """JetStream for a process to which something `happens` when it has made so many calls."""

    def __init__(self, jetstream: JetStreamContext, calls: int, happens: Callable[[], Awaitable[None]]) -> None:
        self._jetstream = jetstream
        self._left = calls
        self._happens = happens

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(*arguments: Any, **keywords: Any) -> Any:
            if not self._left:
                await self._happens()
            self._left -= 1
            return await getattr(self._jetstream, name)(*arguments, **keywords)

        return call


async def be_killed() -> None:
    raise KilledError


class Project:
    def __init__(self, server: NatsServer) -> None:
        self.name = f"test-{secrets.token_hex(8)}"
        self._stream = stream_of(self.name, TOPIC)
        self._connection = NatsConnection(server.url)

    def call(self, act: Callable[[JetStreamContext], Awaitable[Any]]) -> Any:
        return self._connection.call(act, timeout_seconds=10)

    def create_streams(self, topology: Topology = TOPOLOGY) -> None:
        self.call(self._create(topology))

    def create_streams_interrupted(self, calls: int, happens: Callable[[], Awaitable[None]] | None = None) -> None:
        """After so many calls, by another that creates them too unless something else `happens`."""
        create = self._create(TOPOLOGY)

        async def interrupted(jetstream: JetStreamContext) -> None:
            await create(cast("Any", Interrupted(jetstream, calls, happens or partial(create, jetstream))))

        self.call(interrupted)

    def _create(self, topology: Topology) -> Callable[[JetStreamContext], Awaitable[None]]:
        return partial(create_streams, topology=topology, push=topology.push, project=self.name)

    def publish(self, message: Message = EVENT) -> bool:
        """Return whether it was taken."""
        publish = partial(publish_message, message=message, subject=subject_of(self.name, TOPIC), stream=self._stream)
        try:
            self.call(publish)
        except NoStreamResponseError:
            return False
        return True

    def published(self) -> Message:
        """The last that was taken, as who reads it gets it."""
        found = self.call(lambda jetstream: jetstream.get_last_msg(self._stream, subject_of(self.name, TOPIC)))
        return message_of(found.data, found.headers)

    def waiting(self, subscription: str) -> int:
        return int(self._consumer(subscription).num_pending)

    def made_at(self, subscription: str) -> object:
        return self._consumer(subscription).created

    def ack_wait(self, subscription: str) -> float:
        return float(self._consumer(subscription).config.ack_wait)

    def stream(self) -> Any:
        return self.call(lambda jetstream: jetstream.stream_info(self._stream)).config

    def change_stream(self, **changes: Any) -> None:
        self.call(partial(JetStreamContext.update_stream, config=replace(self.stream(), **changes)))

    def _consumer(self, subscription: str) -> Any:
        return self.call(lambda jetstream: jetstream.consumer_info(self._stream, subscription))


@pytest.fixture
def project(nats: NatsServer) -> Project:
    return Project(nats)


def test_each_consumer_gets_every_event_wherever_the_making_of_the_streams_was_killed(nats: NatsServer) -> None:
    calls = 0
    is_complete = False
    while not is_complete:
        project = Project(nats)
        try:
            project.create_streams_interrupted(calls, be_killed)
            is_complete = True
        except KilledError:
            calls += 1
        taken = int(project.publish())
        project.create_streams()
        taken += project.publish()

        assert [project.waiting(each) for each in SUBSCRIPTIONS] == [taken, taken], f"killed after {calls} calls"
    assert calls > 5


def test_streams_may_be_made_by_two_at_once(nats: NatsServer) -> None:
    """The other is done at whichever call the one has come to."""
    for calls in range(20):
        project = Project(nats)

        project.create_streams_interrupted(calls)

        assert project.publish()
        assert [project.waiting(each) for each in SUBSCRIPTIONS] == [1, 1]


def test_subscriber_that_is_added_later_gets_what_is_published_from_then_on(project: Project) -> None:
    functions = {name: each for name, each in TOPOLOGY.functions.items() if name != "notify_admin"}
    project.create_streams(structs.replace(TOPOLOGY, functions=functions))
    project.publish()

    project.create_streams()
    project.publish()

    assert [project.waiting(each) for each in SUBSCRIPTIONS] == [2, 1]


def test_what_exists_stays_and_follows_the_topology(project: Project) -> None:
    project.create_streams()
    project.change_stream(discard=DiscardPolicy.OLD)
    project.publish()
    made_at = project.made_at("send-email")
    changed = structs.replace(TOPOLOGY.push, ack_deadline_seconds=90, retention_days=7)

    project.create_streams(structs.replace(TOPOLOGY, push=changed))

    assert (project.made_at("send-email"), project.waiting("send-email")) == (made_at, 1)
    stream = project.stream()
    assert (project.ack_wait("send-email"), stream.max_age, stream.discard) == (90, 7 * 86_400, DiscardPolicy.NEW)


@pytest.mark.parametrize("kept", ["shop.orders", "shop.>"])
def test_stream_of_the_same_name_that_keeps_other_events_is_left_alone(project: Project, kept: str) -> None:
    """It may be that of the topic `a_b`, which has the name of that of `a.b`."""
    name = stream_of(project.name, TOPIC)
    subjects = [f"{project.name}.{kept}"]
    project.call(lambda jetstream: jetstream.add_stream(name=name, subjects=subjects))

    with pytest.raises(ForeignStreamError):
        project.create_streams()

    assert project.call(lambda jetstream: jetstream.stream_info(name)).config.subjects == subjects
    assert project.call(lambda jetstream: jetstream.consumers_info(name)) == []


@pytest.mark.parametrize("message", [*GOLDEN_MESSAGES, Message(b"\x00\xff", STRANGE_VALUES)])
def test_message_travels_unchanged(project: Project, message: Message) -> None:
    project.create_streams()

    project.publish(message)

    assert project.published() == message


@given(attributes=st.dictionaries(st.from_regex(r"(?![Nn][Aa][Tt][Ss]-)[!-9;-~]{1,20}", fullmatch=True), st.text()))
def test_attributes_travel_unchanged_whatever_is_in_them(attributes: dict[str, str]) -> None:
    message = Message(b"", attributes)

    headers = headers_of(message)

    assert all(value.isascii() and value.isprintable() and " " not in value for value in headers.values())
    assert message_of(b"", headers) == message


@pytest.mark.parametrize("name", ["", "a b", "a:b", "Zoë", "a\nb", "Nats-Rollup", "nats-msg-id"])
def test_attribute_that_nats_cannot_carry_or_obeys_is_refused(name: str) -> None:
    with pytest.raises(UnsendableError):
        headers_of(Message(b"", {name: "value"}))
