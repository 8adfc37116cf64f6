"""The pusher in a thread of this process, between a NATS server and subscribers of a test's own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Thread
from time import monotonic

from blueprint.topology import Push, Topology, read_topology
from pusher.pusher import push_events
from pusher.settings import Settings
from pusher.streams import create_streams
from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_message import publish_message
from shared.broker.nats_names import stream_of, subject_of
from shared.broker.pubsub_push import read_push
from shared.events.message import Message
from shared.runtime.settings import read_settings
from testkit.http_server import HttpScript, Received, Reply, http_serving

PROJECT = "usher"
TOPOLOGY = read_topology()
ACKNOWLEDGED = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = b"HTTP/1.1 500 Internal Server Error\r\n\r\n"


class Subscriber:
    """Answers pushes as `answer` says, and keeps them."""

    def __init__(self, script: HttpScript) -> None:
        self._script = script
        self.url = f"http://127.0.0.1:{script.port}/"

    @classmethod
    @contextmanager
    def answering(cls, answer: Callable[[Message], Reply] | Reply = ACKNOWLEDGED) -> Iterator["Subscriber"]:
        def reply(received: Received) -> Reply:
            return answer(read_push(received.body)) if callable(answer) else answer

        with http_serving(HttpScript(reply)) as script:
            yield cls(script)

    @property
    def pushes(self) -> list[Received]:
        return self._script.requests

    @property
    def messages(self) -> list[Message]:
        return [read_push(each.body) for each in self.pushes]


class Publishing:
    """Publishes on a server's stream of events, which is made first."""

    def __init__(self, url: str, push: Push = TOPOLOGY.push) -> None:
        self._connection = NatsConnection(url)
        create = partial(create_streams, topology=TOPOLOGY, push=push, project=PROJECT)
        self._connection.call(create, timeout_seconds=10)

    def publish(self, *data: bytes, **attributes: str) -> float:
        """Give the time of the last one."""
        for each in data:
            self.publish_message(Message(each, attributes))
        return monotonic()

    def publish_message(self, message: Message) -> None:
        topic = TOPOLOGY.events.topic
        publish = partial(
            publish_message, message=message, subject=subject_of(PROJECT, topic), stream=stream_of(PROJECT, topic)
        )
        self._connection.call(publish, timeout_seconds=5)


def pusher_settings(url: str, endpoints: dict[str, str], **settings: object) -> Settings:
    environ = {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "EVENT_TOPIC": TOPOLOGY.events.topic,
        "NATS_URL": url,
        "PUSH_ENDPOINTS": " ".join(f"{name}={endpoint}" for name, endpoint in endpoints.items()),
        **{name.upper(): str(value) for name, value in settings.items()},
    }
    return read_settings(Settings, environ)


@contextmanager
def pusher_running(settings: Settings, topology: Topology = TOPOLOGY) -> Iterator[None]:
    loop, stopping = asyncio.new_event_loop(), asyncio.Event()
    pushing = push_events(settings, settings.pushed(topology), stopping=stopping)
    thread = Thread(target=loop.run_until_complete, args=(pushing,))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()
