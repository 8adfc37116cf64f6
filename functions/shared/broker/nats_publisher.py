"""Publishes events on NATS JetStream."""

from functools import partial

from nats.errors import Error

from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_message import UnsendableError, publish_message
from shared.broker.nats_names import stream_of, subject_of
from shared.broker.publisher import EventRefusedError, PublisherUnavailableError
from shared.events.codec import Encoding, encode
from shared.events.event import Event

TIMEOUT_SECONDS = 1.0


class NatsPublisher:
    """One topic. What its stream has not acknowledged, a stream that is full or missing included, is not published."""

    def __init__(self, connection: NatsConnection, *, project: str, topic: str, encoding: Encoding) -> None:
        self._connection = connection
        self._subject = subject_of(project, topic)
        self._stream = stream_of(project, topic)
        self._encoding = encoding

    def publish(self, event: Event) -> None:
        message = encode(event, self._encoding)
        publish = partial(publish_message, message=message, subject=self._subject, stream=self._stream)
        try:
            self._connection.call(publish, timeout_seconds=TIMEOUT_SECONDS)
        except UnsendableError as error:
            raise EventRefusedError from error
        except (Error, OSError) as error:  # TimeoutError among them
            raise PublisherUnavailableError from error
