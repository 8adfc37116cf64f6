"""What chooses the broker and what a function that publishes reads from its environment."""

from enum import StrEnum

from msgspec import Struct

from shared.events.codec import Encoding
from shared.runtime.settings import Secret


class Broker(StrEnum):
    """What carries the events."""

    PUBSUB = "pubsub"
    NATS = "nats"


class BrokerSettings(Struct, frozen=True, kw_only=True):
    """Which broker, and where."""

    google_cloud_project: str
    """The project that holds Firestore, and the events on either broker."""
    event_topic: str
    """The topic that events are published on: on NATS, the subject `PROJECT.TOPIC`."""
    event_broker: Broker = Broker.PUBSUB
    """What carries the events: Google's Pub/Sub, or NATS JetStream."""
    nats_url: Secret = Secret("nats://127.0.0.1:4222")
    """Where the NATS server is; the URL may hold a user and a password."""


class PublishingSettings(BrokerSettings, frozen=True, kw_only=True):
    """Where events go."""

    event_encoding: Encoding = Encoding.JSON
    """The encoding of events from now on; subscribers read either."""
