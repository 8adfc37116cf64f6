"""Publishes events on Pub/Sub."""

from collections.abc import Callable
from functools import partial
from time import monotonic, sleep

from google.api_core.exceptions import GoogleAPIError, InvalidArgument, ServiceUnavailable

from shared.broker.publisher import EventRefusedError, PublisherUnavailableError
from shared.broker.pubsub_topic import PubsubTopic
from shared.events.codec import Encoding, encode
from shared.events.event import Event

TIMEOUT_SECONDS = 1.0
FIRST_TIMEOUT_SECONDS = 3.0
_RECONNECTED_SECONDS = 1.25  # gRPC tries again 1 s after a failure, give or take 20%; until then all calls fail


class PubsubPublisher:
    """
    One topic, one event per call.

    Until the first publish has ended, calls are patient: the channel still needs an address, a connection and a token.
    """

    def __init__(self, topic: PubsubTopic, encoding: Encoding) -> None:
        self._topic = topic
        self._encoding = encoding
        self._is_cold = True

    def publish(self, event: Event) -> None:
        send = partial(self._topic.publish, encode(event, self._encoding))
        try:
            if self._is_cold:
                _send_patiently(send)
            else:
                send(timeout_seconds=TIMEOUT_SECONDS)
        except InvalidArgument as error:
            raise EventRefusedError from error
        except GoogleAPIError as error:
            raise PublisherUnavailableError from error
        finally:
            self._is_cold = False


def _send_patiently(send: Callable[..., object]) -> None:
    """Send within the first timeout, and once more where that was unavailable."""
    started = monotonic()
    try:
        send(timeout_seconds=FIRST_TIMEOUT_SECONDS)
    except ServiceUnavailable:
        left_seconds = started + FIRST_TIMEOUT_SECONDS - monotonic() - _RECONNECTED_SECONDS
        if left_seconds <= 0:
            raise
        sleep(_RECONNECTED_SECONDS)
        send(timeout_seconds=left_seconds)
