"""A topic of Pub/Sub, or of its emulator where PUBSUB_EMULATOR_HOST names one."""

import os

from google.pubsub_v1 import types
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from shared.events.message import Message
from shared.runtime.google_api import GoogleApi, open_channel

_Publish = types.PublishRequest.pb()


def connect(project: str, topic: str) -> "PubsubTopic":
    """Call it after the server's fork, which gRPC does not survive."""
    emulator = os.environ.get("PUBSUB_EMULATOR_HOST")  # noqa: TID251  which Google's libraries read, not a setting
    return PubsubTopic(f"projects/{project}/topics/{topic}", emulator)


class PubsubTopic:
    """On Pub/Sub, or on its emulator at the host and port that are given."""

    def __init__(self, path: str, emulator: str | None = None) -> None:
        api = GoogleApi(open_channel(PublisherGrpcTransport, emulator), "google.pubsub.v1.Publisher", types=types)
        self._path = path
        self._publish = api.unary("Publish", topic=path)

    def publish(self, message: Message, *, timeout_seconds: float) -> None:
        """
        Publish one message, once: the batching client would wait 10 ms for more.

        Raises:
            GoogleAPIError: It was not acknowledged.
        """
        request = _Publish(topic=self._path)
        request.messages.add(data=message.data, attributes=message.attributes)
        self._publish(request, timeout=timeout_seconds)
