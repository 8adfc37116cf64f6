"""What chooses the broker and what a function that publishes reads from its environment."""

from enum import StrEnum

from shared.broker.nats_settings import NatsSettings
from shared.events.codec import Encoding


class Broker(StrEnum):
    """What carries the events."""

    PUBSUB = "pubsub"
    NATS = "nats"


class BrokerSettings(NatsSettings, frozen=True, kw_only=True):
    """Which broker, and where."""

    event_broker: Broker = Broker.PUBSUB
    """What carries the events: Google's Pub/Sub, or NATS JetStream."""


class PublishingSettings(BrokerSettings, frozen=True, kw_only=True):
    """Where events go."""

    event_encoding: Encoding = Encoding.JSON
    """The encoding of events from now on; subscribers read either."""
