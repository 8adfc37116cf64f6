"""What a function that publishes reads from its environment."""

from msgspec import Struct

from shared.events.codec import Encoding


class PublishingSettings(Struct, frozen=True, kw_only=True):
    """Where events go."""

    google_cloud_project: str
    """The project that holds Firestore and Pub/Sub."""
    event_topic: str
    """The Pub/Sub topic that events are published on."""
    event_encoding: Encoding = Encoding.JSON
    """The encoding of events from now on; subscribers read either."""
