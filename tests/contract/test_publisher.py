import gc
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from time import monotonic

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
import pytest
from google.api_core.exceptions import ServiceUnavailable
from google.pubsub_v1 import Encoding as SchemaEncoding
from google.pubsub_v1 import Schema, SchemaServiceClient, SchemaSettings
from google.pubsub_v1.services.schema_service.transports import SchemaServiceGrpcTransport

from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_publisher import TIMEOUT_SECONDS, NatsPublisher
from shared.broker.publisher import EventRefusedError, Publisher, PublisherUnavailableError
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.broker.pubsub_topic import PubsubTopic
from shared.broker.settings import Broker
from shared.events.codec import Encoding
from shared.events.event import Event
from shared.events.message import Message
from testkit import fakes
from testkit.brokers.running_broker import TOPIC
from testkit.builders import a_user_created
from testkit.polling import eventually
from testkit.tcp_proxy import TcpProxy
from testkit.topics import Topic, a_name, nats_topic, pubsub_topic

REFUSED = a_user_created(name="Ewan", company="Acme" * 50)
MEMBERS = ["event_id", "user_id", "company", "email", "occurred_at"]


@pytest.fixture(params=["fake", *product(Broker, Encoding)])
def topic(request: pytest.FixtureRequest) -> Topic:
    match request.param:
        case (Broker.PUBSUB, encoding):
            return pubsub_topic(request.getfixturevalue("pubsub_host"), encoding)
        case (Broker.NATS, encoding):
            return nats_topic(request.getfixturevalue("nats"), encoding)
    publisher = fakes.Publisher()
    return Topic(publisher, lambda: publisher.published)


def test_published_event_arrives(topic: Topic) -> None:
    event = a_user_created(name="Jürgen %41", company="Acme")

    topic.publisher.publish(event)

    assert eventually(topic.received) == [event]


def test_event_that_is_published_again_at_once_arrives_twice(topic: Topic) -> None:
    """As a relay and a redrive do: a broker that drops it would have its outbox entry cleared."""
    event = a_user_created()

    topic.publisher.publish(event)
    topic.publisher.publish(event)

    assert eventually(lambda: topic.received() == [event, event])


@pytest.fixture(params=["fake", *Broker])
def unreachable(request: pytest.FixtureRequest) -> Publisher:
    if request.param == "fake":
        return fakes.Publisher(is_down=True)
    if request.param is Broker.NATS:
        connection = NatsConnection("nats://127.0.0.1:1")
        return NatsPublisher(connection, project="p", topic=TOPIC, encoding=Encoding.JSON)
    return PubsubPublisher(PubsubTopic("projects/p/topics/user.created", "127.0.0.1:1"), Encoding.JSON)


def test_publisher_that_reaches_nobody_is_unavailable(unreachable: Publisher, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        with pytest.raises(PublisherUnavailableError):
            unreachable.publish(a_user_created())

    gc.collect()  # a task whose exception nobody has seen says so when it goes
    assert not caplog.records, "only the caller is told"


def test_first_publish_gets_through_although_the_first_connection_was_refused(
    pubsub_host: str, pubsub_proxy: TcpProxy
) -> None:
    class Refused(PubsubTopic):
        def publish(self, message: Message, *, timeout_seconds: float) -> None:
            try:
                super().publish(message, timeout_seconds=timeout_seconds)
            except ServiceUnavailable:
                pubsub_proxy.forward()
                raise

    topic = pubsub_topic(pubsub_host, Encoding.JSON)
    pubsub_proxy.refuse()
    publisher = PubsubPublisher(Refused(topic.path, pubsub_proxy.address), Encoding.JSON)

    publisher.publish(event := a_user_created())

    assert eventually(topic.received) == [event]


@pytest.fixture(params=["fake", *Broker])
def refusing(request: pytest.FixtureRequest) -> Topic:
    """A topic that refuses REFUSED: on Pub/Sub by its schema, the only name there is is Owen; on NATS by its size."""
    if request.param == "fake":
        publisher = fakes.Publisher(refused={REFUSED.event_id})
        return Topic(publisher, lambda: publisher.published)
    if request.param is Broker.NATS:
        return nats_topic(request.getfixturevalue("nats"), max_msg_size=700)
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


@pytest.fixture(params=Broker)
def behind_proxy(request: pytest.FixtureRequest) -> Iterator[tuple[Topic, TcpProxy]]:
    """A topic whose publisher has published before, through a proxy."""
    server = request.getfixturevalue("pubsub_host" if request.param is Broker.PUBSUB else "nats")
    with TcpProxy(server if isinstance(server, str) else server.address) as proxy:
        if isinstance(server, str):
            topic = pubsub_topic(server, Encoding.JSON)
            publisher = PubsubPublisher(PubsubTopic(topic.path, proxy.address), Encoding.JSON)
            topic = replace(topic, publisher=publisher)
        else:
            topic = nats_topic(server, address=proxy.address)
        topic.publisher.publish(a_user_created())
        yield topic, proxy


@pytest.mark.parametrize(
    "trouble", [TcpProxy.blackhole, TcpProxy.swallow_replies, TcpProxy.tear_replies, TcpProxy.refuse]
)
def test_publisher_survives_a_broker_that_cannot_be_reached_for_a_while(
    behind_proxy: tuple[Topic, TcpProxy], trouble: Callable[[TcpProxy], None], caplog: pytest.LogCaptureFixture
) -> None:
    topic, proxy = behind_proxy

    trouble(proxy)
    started = monotonic()
    with pytest.raises(PublisherUnavailableError):
        topic.publisher.publish(a_user_created())
    assert monotonic() - started < 3 * TIMEOUT_SECONDS, "it waits for one second, on a busy machine for a little more"

    proxy.forward()
    late = a_user_created()
    assert eventually(lambda: is_published(topic.publisher, late))
    assert eventually(lambda: late in topic.received())
    gc.collect()
    assert not caplog.records, "only the caller is told"


def is_published(publisher: Publisher, event: Event) -> bool:
    try:
        publisher.publish(event)
    except PublisherUnavailableError:
        return False
    return True
