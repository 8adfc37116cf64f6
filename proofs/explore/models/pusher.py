"""
The last attempt to push an event, by the pusher's own code over a NATS client of this exploration.

It stores a dead letter, then acknowledges the event. Pub/Sub does both at once, which is one of the ways it may go.
"""

from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from nats.errors import TimeoutError as NoReplyError
from nats.js.api import PubAck

from blueprint.topology import read_topology
from proofs.explore.firestore_store import frozen
from proofs.explore.messages import Copy
from proofs.explore.replay import Call, ask
from pusher.delivery import Subscriber
from shared.broker.nats_message import NotStoredError, headers_of, message_of
from shared.events.message import Message

NOT_CONFIRMED = NoReplyError()
_POLICY = read_topology().push
_LAST_ATTEMPT = SimpleNamespace(
    num_delivered=_POLICY.max_delivery_attempts,
    sequence=SimpleNamespace(stream=1),
    timestamp=datetime(2026, 11, 5, tzinfo=UTC),
)


class _Refusing(Subscriber):
    async def _failure(self, *_: object) -> str:
        return "503"


_SUBSCRIBER = _Refusing(
    "send-email",
    "http://subscriber/",
    project="p",
    topic="topic",
    dead_letter_topic="dead-letters",
    timeout_seconds=50,
    policy=_POLICY,
    http=cast("Any", None),
)


@dataclass(frozen=True)
class _Received:
    """nats.aio.msg.Msg."""

    copy: Copy
    data: bytes
    headers: Mapping[str, str]

    @property
    def metadata(self) -> SimpleNamespace:
        return _LAST_ATTEMPT

    async def ack_sync(self) -> None:
        ask(Call("acknowledge", ("acknowledge", self.copy), changes=True))

    async def nak(self, **_: object) -> None:
        """It comes again, as it would without."""


class _JetStream:
    """nats.js.client.JetStreamContext, of the dead letters."""

    async def publish(self, _subject: str, data: bytes, *, stream: str, headers: Mapping[str, str]) -> PubAck:
        letter = message_of(data, headers)
        copy = Copy(letter.data, frozen(letter.attributes))
        ask(Call("store dead letter", ("store letter", copy), changes=True))
        return PubAck(stream=stream, seq=1)


def give_up() -> str:
    """Some message that is on the topic, and that its subscriber refuses."""
    copy: Copy = ask(Call("receive", ("receive",)))
    headers = headers_of(Message(copy.data, dict(copy.attributes)))
    received = cast("Any", _Received(copy, copy.data, headers))
    _run(_SUBSCRIBER.deliver(received, cast("Any", _JetStream())))
    return "done"


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """To its end: nothing in it waits. What was not confirmed comes again."""
    with suppress(StopIteration, NoReplyError, NotStoredError):
        coroutine.send(None)
