"""What a function that publishes reads from its environment."""

from msgspec import Struct

from shared.events.codec import Encoding


class PublishingSettings(Struct, frozen=True, kw_only=True):
    """Where events go."""

    google_cloud_project: str
    event_topic: str
    event_encoding: Encoding = Encoding.JSON
