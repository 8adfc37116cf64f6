"""Makes the streams and consumers that topology.toml says, before anything is published."""

from contextlib import suppress
from dataclasses import replace

from nats.errors import Error
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.client import JetStreamContext
from nats.js.errors import BadRequestError, NotFoundError

from blueprint.topology import Push, Topology
from shared.broker.nats_names import name_of, stream_of, subject_of

_UNLIMITED = -1
_DAY_SECONDS = 86_400
_LIMITS = ("ack_wait", "max_deliver", "max_ack_pending")
_LARGEST_EVENT_BYTES = 1_000_000  # a dead letter has more attributes, and a server takes 1 MiB
_CLOSED = "not-yet"  # the end of the only subject of a stream whose consumers are not all there


class ForeignStreamError(Error):
    """A stream of this name keeps other events: nothing is changed of it."""


async def create_streams(jetstream: JetStreamContext, topology: Topology, push: Push, *, project: str) -> None:
    """
    Create what is missing. What exists stays, with all that it keeps; its limits follow `topology` and `push`.

    A stream takes events only once its consumers are there, so that they get all of them, whatever crashes meanwhile. A
    consumer that is added to a stream later gets what is published from then on, as on Pub/Sub.

    Raises:
        nats.errors.Error: The server does not respond or refuses, or a stream of that name keeps other events.
    """
    events = topology.events
    names = [function.subscription for function in topology.subscribers().values() if function.subscription]
    stream = _stream(project, events.topic, days=push.retention_days)
    stream = replace(stream, max_msg_size=_LARGEST_EVENT_BYTES)
    await _create(jetstream, stream, [_consumer(name, push) for name in names])
    letters = _stream(project, events.dead_letter_topic, days=events.dead_letter_retention_days)
    letters = replace(letters, retention=RetentionPolicy.WORK_QUEUE)  # kept until a redrive acknowledges them
    await _create(jetstream, letters, [_consumer(name_of(events.dead_letter_subscription), topology.push)])


def _stream(project: str, topic: str, *, days: int) -> StreamConfig:
    return StreamConfig(
        name=stream_of(project, topic),
        subjects=[subject_of(project, topic)],
        retention=RetentionPolicy.LIMITS,  # by interest, an event that has no consumer yet would be deleted
        max_age=days * _DAY_SECONDS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,  # a full stream refuses events, and the outbox keeps them
    )


def _consumer(name: str, push: Push) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=name,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=push.ack_deadline_seconds,
        max_deliver=_UNLIMITED,  # the server would stop in silence: the pusher counts
        max_ack_pending=_UNLIMITED,  # an event that waits for its next push counts: few would stop all others
    )


async def _create(jetstream: JetStreamContext, stream: StreamConfig, consumers: list[ConsumerConfig]) -> None:
    name, [subject] = stream.name or "", stream.subjects or [""]
    closed = f"{subject}.{_CLOSED}"
    with suppress(BadRequestError):  # it is there, perhaps since just now, or the next call says what is wrong
        await jetstream.add_stream(replace(stream, subjects=[closed]))
    there = (await jetstream.stream_info(name)).config
    is_open = subject in (there.subjects or [])
    if not is_open and there.subjects != [closed]:
        raise ForeignStreamError
    for consumer in consumers:
        try:
            as_it_is = (await jetstream.consumer_info(name, consumer.durable_name or "")).config
        except NotFoundError:
            deliver = DeliverPolicy.NEW if is_open else DeliverPolicy.ALL
            await jetstream.add_consumer(name, replace(consumer, deliver_policy=deliver))
            continue
        as_it_should_be = replace(as_it_is, **{limit: getattr(consumer, limit) for limit in _LIMITS})
        if as_it_should_be != as_it_is:
            await jetstream.add_consumer(name, as_it_should_be)
    subjects = there.subjects if is_open else [subject]
    wanted = replace(there, subjects=subjects, max_age=stream.max_age, discard=stream.discard)
    if wanted != there:
        await jetstream.update_stream(wanted)
