"""What a program reads from its environment to find events on NATS."""

from msgspec import Struct

from shared.runtime.settings import Secret


class NatsSettings(Struct, frozen=True, kw_only=True):
    """Which events, and where."""

    google_cloud_project: str
    """The project that holds Firestore, and the events on either broker."""
    event_topic: str
    """The topic that events are published on: on NATS, the subject `PROJECT.TOPIC`."""
    nats_url: Secret = Secret("nats://127.0.0.1:4222")
    """Where the NATS server is; the URL may hold a user and a password."""
