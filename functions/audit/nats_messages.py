"""The backlogs of subscriptions as JetStream counts them for its consumers: of now, and without taking a message."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from nats.errors import Error
from nats.js.client import JetStreamContext

from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_names import name_of, stream_of

from .records import Backlog, Backlogs
from .settings import Settings

_TIMEOUT_SECONDS = 10


class NatsMessages:
    """Of the subscriptions that the settings name. What is said of one was so at the time that it names, or later."""

    def __init__(self, settings: Settings, *, now: Callable[[], datetime]) -> None:
        self._connection = NatsConnection(settings.nats_url)
        project = settings.google_cloud_project
        stream, dead_letters = stream_of(project, settings.event_topic), stream_of(project, settings.dead_letter_topic)
        # The pusher stores a dead letter, then acknowledges its event: last looked at, it is not missed in both.
        self._streams = {
            **{subscriber.subscription: stream for subscriber in settings.audited_subscribers},
            settings.dead_letter_subscription: dead_letters,
        }
        # The messages' times are of the server's clock, which may be ahead of the store's.
        self._inexact = timedelta(seconds=settings.audit_pause_seconds / 5)
        self._now = now

    def backlogs(self) -> Backlogs:
        found = {}
        for name, stream in self._streams.items():
            as_of = self._now()
            look = partial(_count_and_oldest, stream=stream, consumer=name_of(name))
            try:
                count, oldest = self._connection.call(look, timeout_seconds=_TIMEOUT_SECONDS)
            except (Error, OSError):
                continue  # nobody knows: the report says so
            found[name] = Backlog(as_of, count, min(oldest or as_of, as_of) - self._inexact)
        return found


async def _count_and_oldest(jetstream: JetStreamContext, *, stream: str, consumer: str) -> tuple[int, datetime | None]:
    """How many messages are not acknowledged, waiting for their next push or not yet pushed, and the oldest's time."""
    found = await jetstream.consumer_info(stream, consumer)
    count = (found.num_pending or 0) + (found.num_ack_pending or 0)
    if not count:
        return 0, None
    acknowledged = found.ack_floor.stream_seq if found.ack_floor else 0  # up to here all are
    oldest = await jetstream.get_msg(stream, acknowledged + 1, next=True)
    return count, oldest.time
