"""A topic with a publisher to it, on either broker."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
from google.pubsub_v1 import PublisherClient, SchemaSettings, SubscriberClient
from google.pubsub_v1 import Topic as DefinedTopic
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from nats.js.client import JetStreamContext

from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_names import stream_of
from shared.broker.nats_publisher import NatsPublisher
from shared.broker.publisher import Publisher
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.broker.pubsub_topic import PubsubTopic
from shared.events.codec import Encoding, decode
from shared.events.event import Event
from shared.events.message import Message
from testkit.brokers.running_broker import TOPIC
from testkit.brokers.running_nats import RunningNats
from testkit.nats_server import NatsServer


@dataclass
class Topic:
    """A publisher to it, and all that has arrived."""

    publisher: Publisher
    received: Callable[[], list[Event]]
    path: str = ""


def a_name() -> str:
    return f"test-{secrets.token_hex(8)}"


def pubsub_topic(host: str, encoding: Encoding, schema: SchemaSettings | None = None) -> Topic:
    project = f"projects/{a_name()}"
    topic, subscription = f"{project}/topics/user.created", f"{project}/subscriptions/pull"
    publisher = PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(host)))
    publisher.create_topic(request=DefinedTopic(name=topic, schema_settings=schema), retry=None)
    subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=grpc.insecure_channel(host)))
    subscriber.create_subscription(name=subscription, topic=topic, retry=None)

    seen: list[Event] = []

    def received() -> list[Event]:
        pulled = subscriber.pull(subscription=subscription, max_messages=10, retry=None).received_messages
        subscriber.acknowledge(subscription=subscription, ack_ids=[item.ack_id for item in pulled], retry=None)
        seen.extend(decode(Message(item.message.data, dict(item.message.attributes))) for item in pulled)
        return seen

    return Topic(PubsubPublisher(PubsubTopic(topic, host), encoding), received, topic)


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
