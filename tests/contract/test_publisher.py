import gc
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from time import monotonic
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
from nats.js.client import JetStreamContext

from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_names import stream_of
from shared.broker.nats_publisher import TIMEOUT_SECONDS, NatsPublisher
from shared.broker.publisher import EventRefusedError, Publisher, PublisherUnavailableError
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.broker.settings import Broker
from shared.events.codec import Encoding, decode
from shared.events.event import Event
from shared.events.message import Message
from testkit import fakes
from testkit.brokers.running_broker import TOPIC
from testkit.brokers.running_nats import RunningNats
from testkit.builders import a_user_created
from testkit.nats_server import NatsServer
from testkit.polling import eventually
from testkit.tcp_proxy import TcpProxy

REFUSED = a_user_created(name="Ewan", company="Acme" * 50)
MEMBERS = ["event_id", "user_id", "company", "email", "occurred_at"]


@dataclass
class Topic:
    """A publisher to it, and all that has arrived."""

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

    seen: list[Event] = []

    def received() -> list[Event]:
        pulled = subscriber.pull(subscription=subscription, max_messages=10, retry=None).received_messages
        subscriber.acknowledge(subscription=subscription, ack_ids=[item.ack_id for item in pulled], retry=None)
        seen.extend(decode(Message(item.message.data, dict(item.message.attributes))) for item in pulled)
        return seen

    return Topic(PubsubPublisher(publisher, topic, encoding), received, topic)


def nats_topic(server: NatsServer, encoding: Encoding = Encoding.JSON, *, address: str = "", **limits: Any) -> Topic:
    """The publisher reaches the server at `address`; the stream has `limits` of its own."""
    project = a_name()
    broker = RunningNats(server.url, Path())
    broker.create_topics(project)
    connection = NatsConnection(server.url)
    if limits:
        connection.call(partial(_limit, stream=stream_of(project, TOPIC), limits=limits), timeout_seconds=10)
    connection = NatsConnection(f"nats://{address}") if address else connection
    publisher = NatsPublisher(connection, project=project, topic=TOPIC, encoding=encoding)
    witness = broker.witness(project)
    return Topic(publisher, lambda: [decode(message) for message in witness.messages()])


async def _limit(jetstream: JetStreamContext, *, stream: str, limits: Mapping[str, Any]) -> None:
    there = (await jetstream.stream_info(stream)).config
    await jetstream.update_stream(replace(there, **limits))


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
    return PubsubPublisher(publisher_client("127.0.0.1:1"), "projects/p/topics/user.created", Encoding.JSON)


def test_publisher_that_reaches_nobody_is_unavailable(unreachable: Publisher, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        with pytest.raises(PublisherUnavailableError):
            unreachable.publish(a_user_created())

    gc.collect()  # a task whose exception nobody has seen says so when it goes
    assert not caplog.records, "only the caller is told"


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
            channel = grpc.insecure_channel(proxy.address)
            client = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
            topic = replace(topic, publisher=PubsubPublisher(client, topic.path, Encoding.JSON))
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


def test_stale_connection_to_nats_costs_one_publish(nats: NatsServer) -> None:
    """The next goes over another: the client alone would take minutes to see that nobody answers on the first."""
    with TcpProxy(nats.address) as proxy:
        topic = nats_topic(nats, address=proxy.address)
        topic.publisher.publish(a_user_created())
        proxy.forget_connections()
        with pytest.raises(PublisherUnavailableError):
            topic.publisher.publish(a_user_created())

        topic.publisher.publish(a_user_created())


def test_nats_that_is_started_again_has_what_it_had_and_takes_more() -> None:
    with NatsServer.running() as server:
        topic = nats_topic(server)
        topic.publisher.publish(first := a_user_created())

        server.kill()
        with pytest.raises(PublisherUnavailableError):
            topic.publisher.publish(a_user_created())
        server.start()
        topic.publisher.publish(last := a_user_created())

        assert topic.received() == [first, last]


def test_full_stream_refuses_events_and_drops_none(nats: NatsServer) -> None:
    topic = nats_topic(nats, max_msgs=2)
    kept = [a_user_created(), a_user_created()]
    for event in kept:
        topic.publisher.publish(event)

    with pytest.raises(PublisherUnavailableError):
        topic.publisher.publish(a_user_created())

    assert topic.received() == kept


def test_event_without_a_stream_is_not_published(nats: NatsServer) -> None:
    connection = NatsConnection(nats.url)
    publisher = NatsPublisher(connection, project=a_name(), topic=TOPIC, encoding=Encoding.JSON)

    with pytest.raises(PublisherUnavailableError):
        publisher.publish(a_user_created())
