"""The one place that chooses the broker."""

from google.pubsub_v1 import PublisherClient

from shared.broker.publisher import Publisher
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.broker.settings import PublishingSettings


def chosen_publisher(settings: PublishingSettings) -> Publisher:
    """A publisher of its own. Build it in the first request: gRPC does not survive the server's fork after import."""
    topic = PublisherClient.topic_path(settings.google_cloud_project, settings.event_topic)
    return PubsubPublisher(PublisherClient(), topic, settings.event_encoding)
