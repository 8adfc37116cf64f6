"""NATS JetStream as operations use it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.client import JetStreamContext
from nats.js.errors import APIError

from blueprint.topology import EventTopics
from operations.broker import PAGE, BrokerUnavailableError, DeadLetter
from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_message import UnsendableError, message_of, publish_message
from shared.broker.nats_names import name_of, stream_of, subject_of
from shared.events.message import Message

T = TypeVar("T")

_CALL_SECONDS = 10.0
_WAIT_SECONDS = 0.5  # for a message; then the stream counts as empty, if the server still responds


class NatsBroker:
    """What is published on the topic is stored in its stream; dead letters are in a work queue, each for one reader."""

    def __init__(self, url: str, *, project: str, topics: EventTopics) -> None:
        self._connection = NatsConnection(url)
        self._subject = subject_of(project, topics.topic)
        self._stream = stream_of(project, topics.topic)
        self._letters = stream_of(project, topics.dead_letter_topic)
        self._consumer = name_of(topics.dead_letter_subscription)

    def publish(self, message: Message) -> str:
        publish = partial(publish_message, message=message, subject=self._subject, stream=self._stream)
        try:
            self._call(publish)
        except UnsendableError:
            return "NATS rejects it"
        return ""

    def pull(self) -> Sequence[DeadLetter]:
        received = self._call(partial(_fetch, stream=self._letters, consumer=self._consumer))
        return [
            DeadLetter(str(each.metadata.sequence.stream), message_of(each.data, each.headers), each.reply)
            for each in received
        ]

    def acknowledge(self, letters: Collection[DeadLetter]) -> None:
        self._call(partial(_answer, letters=letters, answer=Msg.Ack.Ack))

    def release(self, letters: Collection[DeadLetter]) -> None:
        self._call(partial(_answer, letters=letters, answer=Msg.Ack.Nak))

    def _call(self, act: Callable[[JetStreamContext], Awaitable[T]]) -> T:
        try:
            return self._connection.call(act, timeout_seconds=_CALL_SECONDS)
        except (Error, OSError) as error:
            reason = error.description if isinstance(error, APIError) else type(error).__name__
            raise BrokerUnavailableError(f"NATS: {reason}") from error


async def _fetch(jetstream: JetStreamContext, *, stream: str, consumer: str) -> list[Msg]:
    subscription = await jetstream.pull_subscribe_bind(consumer, stream)
    try:
        return await subscription.fetch(PAGE, timeout=_WAIT_SECONDS)
    except TimeoutError:
        await jetstream.consumer_info(stream, consumer)  # it is empty, rather than silent or missing
        return []
    finally:
        await subscription.unsubscribe()


async def _answer(jetstream: JetStreamContext, *, letters: Collection[DeadLetter], answer: bytes) -> None:
    """Return once the server has confirmed it, for all of them."""
    client = jetstream._nc  # noqa: SLF001  the only way to it
    await asyncio.gather(*(client.request(letter.receipt, answer, timeout=_CALL_SECONDS) for letter in letters))
