"""Publishes events on Pub/Sub."""

from google.api_core.exceptions import GoogleAPIError, InvalidArgument
from google.pubsub_v1 import PublisherClient

from shared.broker.publisher import EventRefusedError, PublisherUnavailableError
from shared.events.codec import Encoding, encode
from shared.events.event import Event

TIMEOUT_SECONDS = 1.0


class PubsubPublisher:
    """One topic. Calls the generated client, one event per call: the batching one waits 10 ms for more."""

    def __init__(self, client: PublisherClient, topic_path: str, encoding: Encoding) -> None:
        self._client = client
        self._topic_path = topic_path
        self._encoding = encoding

    def publish(self, event: Event) -> None:
        message = encode(event, self._encoding)
        request = {
            "topic": self._topic_path,
            "messages": [{"data": message.data, "attributes": message.attributes}],
        }
        try:
            self._client.publish(request, retry=None, timeout=TIMEOUT_SECONDS)
        except InvalidArgument as error:
            raise EventRefusedError from error
        except GoogleAPIError as error:
            raise PublisherUnavailableError from error
