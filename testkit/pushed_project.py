"""A project of a test's own on a NATS server, its subscribers and its pushers, which are threads of this process."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, Self

from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from blueprint.topology import read_topology
from pusher.pusher import push_events
from pusher.settings import Settings
from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_names import stream_of, subject_of
from shared.broker.pubsub_push import read_push
from shared.events.message import Message
from shared.runtime.settings import read_settings
from testkit.brokers.running_nats import RunningNats
from testkit.http_server import HttpScript, Received, Reply, http_serving

TOPOLOGY = read_topology()
SUBSCRIPTION = "send-email"
CONCURRENCY = TOPOLOGY.functions["send_email"].concurrency
ACKNOWLEDGED = b"HTTP/1.1 204 No Content\r\n\r\n"
REFUSED = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
NOTHING: Mapping[str, int] = {}
_CALL_SECONDS = 10


class Subscriber:
    """Answers pushes as `answer` says."""

    def __init__(self, script: HttpScript) -> None:
        self.url = f"http://127.0.0.1:{script.port}/"
        self.pushes = script.requests

    @classmethod
    @contextmanager
    def answering(cls, answer: Callable[[Message], Reply] | Reply = ACKNOWLEDGED) -> Iterator[Self]:
        def reply(received: Received) -> Reply:
            return answer(read_push(received.body)) if callable(answer) else answer

        with http_serving(HttpScript(reply)) as script:
            yield cls(script)

    @property
    def events(self) -> list[bytes]:
        return [read_push(push.body).data for push in list(self.pushes)]

    def times_of(self, event: bytes) -> list[float]:
        return [push.at for push in list(self.pushes) if read_push(push.body).data == event]


class PushedProject:
    def __init__(self, url: str, logs: Path) -> None:
        self.name = f"usher-{secrets.token_hex(4)}"
        self.stream = stream_of(self.name, TOPOLOGY.events.topic)
        self.dead_letters = stream_of(self.name, TOPOLOGY.events.dead_letter_topic)
        self._url = url
        self._broker = RunningNats(url, logs)
        self._connection = NatsConnection(url)
        self._broker.create_topics(self.name)

    def publish(self, *events: bytes, **attributes: str) -> None:
        for event in events:
            self._broker.publish(self.name, Message(event, attributes))

    def publish_raw(self, event: bytes, headers: dict[str, str] | None) -> None:
        self.call(lambda js: js.publish(subject_of(self.name, TOPOLOGY.events.topic), event, headers=headers))

    def take_dead_letters(self) -> list[Message]:
        return self._broker.take_dead_letters(self.name)

    def unacknowledged(self) -> int:
        """Events that the server still has to push."""
        info = self.call(lambda js: js.consumer_info(self.stream, SUBSCRIPTION))
        return (info.num_ack_pending or 0) + (info.num_pending or 0)

    def call(self, act: Callable[[JetStreamContext], Awaitable[Any]]) -> Any:
        return self._connection.call(act, timeout_seconds=_CALL_SECONDS)

    def exists(self, stream: str, consumer: str | None = None) -> bool:
        with suppress(NotFoundError):
            self.call(lambda js: js.consumer_info(stream, consumer) if consumer else js.stream_info(stream))
            return True
        return False

    def settings(
        self, endpoints: Mapping[str, str], policy: Mapping[str, int] = NOTHING, *, url: str | None = None
    ) -> Settings:
        """What differs from topology.toml: whole numbers of seconds, and `attempts`; minimum_backoff is 1."""
        policy = {"minimum_backoff": 1, **policy}
        environ = {
            "GOOGLE_CLOUD_PROJECT": self.name,
            "EVENT_TOPIC": TOPOLOGY.events.topic,
            "NATS_URL": url or self._url,
            "PUSH_ENDPOINTS": " ".join(f"{name}={endpoint}" for name, endpoint in endpoints.items()),
            **{f"PUSH_{name.upper()}_SECONDS": str(value) for name, value in policy.items() if name != "attempts"},
            "PUSH_MAX_DELIVERY_ATTEMPTS": str(policy.get("attempts", "")),
        }
        return read_settings(Settings, environ)

    @contextmanager
    def pushed_to(self, subscriber: Subscriber, **policy: int) -> Iterator[None]:
        with pusher_running(self.settings({SUBSCRIPTION: subscriber.url}, policy)):
            yield


@contextmanager
def pusher_running(settings: Settings) -> Iterator[None]:
    with asyncio.Runner() as runner:
        loop, stopping = runner.get_loop(), asyncio.Event()
        pushing = partial(push_events, settings, settings.pushed(TOPOLOGY), stopping=stopping)
        thread = Thread(target=lambda: runner.run(pushing()))
        thread.start()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(stopping.set)
            thread.join()
