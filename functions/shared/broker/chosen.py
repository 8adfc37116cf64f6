"""The one place that chooses the broker."""

from shared.broker.publisher import Publisher
from shared.broker.settings import Broker, PublishingSettings
from shared.runtime.uncollected import uncollected


def chosen_publisher(settings: PublishingSettings) -> Publisher:
    """
    A publisher of its own, whose libraries are loaded now.

    Build it in the first request: neither gRPC nor a thread survives the server's fork after import.
    """
    project, topic = settings.google_cloud_project, settings.event_topic
    match settings.event_broker:
        case Broker.PUBSUB:
            with uncollected():
                from shared.broker.pubsub_publisher import PubsubPublisher  # noqa: PLC0415  as long to load as a hash
                from shared.broker.pubsub_topic import connect  # noqa: PLC0415  likewise

            return PubsubPublisher(connect(project, topic), settings.event_encoding)
        case Broker.NATS:
            from shared.broker.nats_connection import NatsConnection  # noqa: PLC0415  NATS loads only where it is used
            from shared.broker.nats_publisher import NatsPublisher  # noqa: PLC0415  NATS loads only where it is used

            connection = NatsConnection(settings.nats_url)
            return NatsPublisher(connection, project=project, topic=topic, encoding=settings.event_encoding)
