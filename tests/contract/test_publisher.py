import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
import pytest
from google.api_core.exceptions import ServiceUnavailable
from google.pubsub_v1 import Encoding as SchemaEncoding
from google.pubsub_v1 import (
    PublisherClient,
    PublishResponse,
    Schema,
    SchemaServiceClient,
    SchemaSettings,
    SubscriberClient,
)
from google.pubsub_v1 import Topic as PubsubTopic
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.schema_service.transports import SchemaServiceGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from shared.broker.publisher import EventRefusedError, Publisher, PublisherUnavailableError
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.events.codec import Encoding, decode
from shared.events.event import Event
from shared.events.message import Message
from testkit import fakes
from testkit.builders import a_user_created
from testkit.polling import eventually
from testkit.tcp_proxy import TcpProxy

REFUSED = a_user_created(name="Ewan", company="Acme")
MEMBERS = ["event_id", "user_id", "company", "email", "occurred_at"]


@dataclass
class Topic:
    """A publisher to it, and what arrives."""

    publisher: Publisher
    received: Callable[[], list[Event]]
    path: str = ""


def publisher_client(host: str) -> PublisherClient:
    return PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(host)))


def a_name() -> str:
    return f"test-{secrets.token_hex(8)}"


def pubsub_topic(host: str, encoding: Encoding, schema: SchemaSettings | None = None) -> Topic:
    project = f"projects/{a_name()}"
    topic, subscription = f"{project}/topics/user.created", f"{project}/subscriptions/pull"
    publisher = publisher_client(host)
    publisher.create_topic(request=PubsubTopic(name=topic, schema_settings=schema), retry=None)
    subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(host)))
    subscriber.create_subscription(name=subscription, topic=topic, retry=None)

    def received() -> list[Event]:
        pulled = subscriber.pull(subscription=subscription, max_messages=10, retry=None).received_messages
        return [decode(Message(item.message.data, dict(item.message.attributes))) for item in pulled]

    return Topic(PubsubPublisher(publisher, topic, encoding), received, topic)


@pytest.fixture(params=["fake", *Encoding])
def topic(request: pytest.FixtureRequest) -> Topic:
    if request.param == "fake":
        publisher = fakes.Publisher()
        return Topic(publisher, lambda: publisher.published)
    return pubsub_topic(request.getfixturevalue("pubsub_host"), request.param)


def test_published_event_arrives(topic: Topic) -> None:
    event = a_user_created(company="Acme")

    topic.publisher.publish(event)

    assert eventually(topic.received) == [event]


@pytest.fixture(params=["fake", "pubsub"])
def unreachable(request: pytest.FixtureRequest) -> Publisher:
    if request.param == "fake":
        return fakes.Publisher(is_down=True)
    return PubsubPublisher(publisher_client("127.0.0.1:1"), "projects/p/topics/user.created", Encoding.JSON)


def test_publisher_that_reaches_nobody_is_unavailable(unreachable: Publisher) -> None:
    for _ in range(2):
        with pytest.raises(PublisherUnavailableError):
            unreachable.publish(a_user_created())


def test_first_publish_gets_through_although_the_first_connection_was_refused(
    pubsub_host: str, pubsub_proxy: TcpProxy
) -> None:
    class Client(PublisherClient):
        def publish(self, *arguments: Any, **keywords: Any) -> PublishResponse:
            try:
                return super().publish(*arguments, **keywords)
            except ServiceUnavailable:
                pubsub_proxy.forward()
                raise

    topic = pubsub_topic(pubsub_host, Encoding.JSON)
    pubsub_proxy.refuse()
    transport = PublisherGrpcTransport(channel=grpc.insecure_channel(pubsub_proxy.address))
    publisher = PubsubPublisher(Client(transport=transport), topic.path, Encoding.JSON)

    publisher.publish(event := a_user_created())

    assert eventually(topic.received) == [event]


@pytest.fixture(params=["fake", "pubsub"])
def refusing(request: pytest.FixtureRequest) -> Topic:
    """A topic that refuses REFUSED: by its schema, the only name there is is Owen."""
    if request.param == "fake":
        publisher = fakes.Publisher(refused={REFUSED.event_id})
        return Topic(publisher, lambda: publisher.published)
    host = request.getfixturevalue("pubsub_host")
    fields: list[dict[str, object]] = [{"name": name, "type": "string"} for name in MEMBERS]
    fields.append({"name": "name", "type": {"type": "enum", "name": "Name", "symbols": ["Owen"]}})
    definition = json.dumps({"type": "record", "name": "Event", "fields": fields})
    schemas = SchemaServiceClient(transport=SchemaServiceGrpcTransport(channel=grpc.insecure_channel(host)))
    schema = Schema(type_=Schema.Type.AVRO, definition=definition)
    created = schemas.create_schema(parent="projects/usher-test", schema=schema, schema_id=a_name(), retry=None)
    return pubsub_topic(host, Encoding.JSON, SchemaSettings(schema=created.name, encoding=SchemaEncoding.JSON))


def test_refused_event_does_not_keep_the_next_one(refusing: Topic) -> None:
    good = a_user_created(name="Owen", company="Acme")

    with pytest.raises(EventRefusedError):
        refusing.publisher.publish(REFUSED)
    refusing.publisher.publish(good)

    assert eventually(refusing.received) == [good]
