"""A NATS server: each project has streams of its own there, and a pusher process of its own beside the stack."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock

from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from blueprint.topology import read_topology
from pusher.streams import create_streams
from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_message import message_of, publish_message
from shared.broker.nats_names import name_of, stream_of, subject_of
from shared.broker.nats_publisher import NatsPublisher
from shared.broker.settings import Broker
from shared.events.codec import Encoding
from shared.events.message import Message
from testkit.brokers.running_broker import TOPIC
from testkit.pusher_process import PLAINLY, POLICY, PusherProcess, pusher_environment

_TOPOLOGY = read_topology()
_CALL_SECONDS = 10


class RunningNats:
    """`logs` is where pushers log to."""

    quiet_seconds = 0.2  # it tells what is not acknowledged

    def __init__(self, url: str, logs: Path) -> None:
        self._url = url
        self.address = url.removeprefix("nats://")
        self._logs = logs
        self._connection = NatsConnection(url)
        self._endpoints: dict[str, dict[str, str]] = {}
        self._pushers: dict[str, PusherProcess] = {}
        self._lock = Lock()

    def settings_at(self, address: str) -> dict[str, str]:
        return {"EVENT_BROKER": Broker.NATS, "NATS_URL": f"nats://{address}"}

    def push_events_of(
        self,
        project: str,
        url: str,
        *,
        subscription: str = "send-email",
        launched_by: Sequence[str] = PLAINLY,
        **settings: str,
    ) -> None:
        """In place of the pusher that ran before; `settings` are the pusher's."""
        self.create_topics(project)
        with self._lock:
            endpoints = self._endpoints.setdefault(project, {})
            endpoints[subscription] = url
            if earlier := self._pushers.pop(project, None):
                earlier.stop()
            environment = pusher_environment(project, self._url, endpoints) | settings
            self._pushers[project] = PusherProcess(environment, logs=self._logs, launched_by=launched_by)

    def push_no_events_of(self, project: str) -> None:
        """Its streams stay, they go with the server."""
        with self._lock:
            if pusher := self._pushers.pop(project, None):
                pusher.kill()

    def publisher(self, project: str) -> NatsPublisher:
        self.create_topics(project)
        return NatsPublisher(self._connection, project=project, topic=TOPIC, encoding=Encoding.JSON)

    def publish(self, project: str, message: Message, *, topic: str = TOPIC) -> None:
        subject, stream = subject_of(project, topic), stream_of(project, topic)
        publish = partial(publish_message, message=message, subject=subject, stream=stream)
        self._connection.call(publish, timeout_seconds=_CALL_SECONDS)

    def take_dead_letters(self, project: str) -> list[Message]:
        stream = stream_of(project, _TOPOLOGY.events.dead_letter_topic)
        return self._connection.call(partial(_taken, stream=stream), timeout_seconds=_CALL_SECONDS)

    def is_pushing(self, project: str) -> bool:
        consumers = [name_of(subscription) for subscription in self._endpoints.get(project, ())]
        count = partial(_unacknowledged, stream=stream_of(project, TOPIC), consumers=consumers)
        return self._connection.call(count, timeout_seconds=_CALL_SECONDS) > 0

    def witness(self, project: str) -> "_Witness":
        self.create_topics(project)
        return _Witness(self._connection, stream_of(project, TOPIC))

    def create_topics(self, project: str) -> None:
        create = partial(create_streams, topology=_TOPOLOGY, push=POLICY, project=project)
        self._connection.call(create, timeout_seconds=_CALL_SECONDS)

    def close(self) -> None:
        for project in list(self._pushers):
            self.push_no_events_of(project)


class _Witness:
    """Reads the stream past its consumers, from where it ends now."""

    def __init__(self, connection: NatsConnection, stream: str) -> None:
        self._connection = connection
        self._stream = stream
        self._read_until = 0
        self._seen: list[Message] = []
        self.messages()
        self._seen.clear()

    def messages(self) -> list[Message]:
        read = partial(_stored, stream=self._stream, after=self._read_until)
        self._read_until, messages = self._connection.call(read, timeout_seconds=_CALL_SECONDS)
        self._seen += messages
        return self._seen

    def close(self) -> None:
        """Nothing was opened."""


async def _stored(jetstream: JetStreamContext, *, stream: str, after: int) -> tuple[int, list[Message]]:
    """The number of the last message, and all that are stored after the one of that number."""
    state = (await jetstream.stream_info(stream)).state
    messages = []
    for number in range(max(after + 1, state.first_seq), state.last_seq + 1):
        with suppress(NotFoundError):  # it was acknowledged
            found = await jetstream.get_msg(stream, number)
            messages.append(message_of(found.data or b"", found.headers))
    return state.last_seq, messages


async def _taken(jetstream: JetStreamContext, *, stream: str) -> list[Message]:
    last, messages = await _stored(jetstream, stream=stream, after=0)
    await jetstream.purge_stream(stream, seq=last + 1)
    return messages


async def _unacknowledged(jetstream: JetStreamContext, *, stream: str, consumers: Sequence[str]) -> int:
    found = [await jetstream.consumer_info(stream, consumer) for consumer in consumers]
    return sum((each.num_pending or 0) + (each.num_ack_pending or 0) for each in found)
