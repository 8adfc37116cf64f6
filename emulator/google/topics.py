"""Creates on the Pub/Sub emulator what topology.toml says: topics, and the subscriptions that push and that keep."""

from collections.abc import Mapping

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
from google.api_core.exceptions import AlreadyExists, GoogleAPICallError
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import DeadLetterPolicy, PushConfig, Subscription

from blueprint.topology import Topology
from emulator.processes.errors import StackError

_TIMEOUT_SECONDS = 5
_DELETED = "_deleted-topic_"  # what Pub/Sub calls the topic of a subscription whose topic was deleted


def create_topics(topology: Topology, *, project: str, pubsub_host: str, push_endpoints: Mapping[str, str]) -> None:
    """
    Create the topics and subscriptions. Those that exist stay, with the push endpoint of now: the emulator may have run
    before, under another stack.

    `push_endpoints` maps the name of a subscription to the URL that its events are pushed to. Retention is left at the
    emulator's 7 days, which refuses more and forgets everything when it stops.

    Raises:
        StackError: The emulator at `pubsub_host` does not answer or refuses, or a subscription is on another topic.
    """
    events = topology.events
    # A channel of its own: the clients' default one depends on PUBSUB_EMULATOR_HOST in this process's environment.
    with grpc.insecure_channel(pubsub_host) as channel:
        publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        try:
            for topic in (events.topic, events.dead_letter_topic):
                _create_topic(publisher, f"projects/{project}/topics/{topic}")
            pushes = (_push(topology, project, name=name, endpoint=end) for name, end in push_endpoints.items())
            for subscription in (_dead_letters(topology, project), *pushes):
                _create_subscription(subscriber, subscription, pubsub_host=pubsub_host)
        except GoogleAPICallError as error:
            raise StackError(
                f"The Pub/Sub emulator at {pubsub_host} did not create the topics ({error.message}): "
                "check that it is Google's emulator and is running."
            ) from error


def _dead_letters(topology: Topology, project: str) -> Subscription:
    events = topology.events
    return Subscription(
        name=f"projects/{project}/subscriptions/{events.dead_letter_subscription}",
        topic=f"projects/{project}/topics/{events.dead_letter_topic}",
    )


def _push(topology: Topology, project: str, *, name: str, endpoint: str) -> Subscription:
    """Without the topology's retry policy: docs/decisions/0008 says why. The emulator tries again every second."""
    push = topology.push
    return Subscription(
        name=f"projects/{project}/subscriptions/{name}",
        topic=f"projects/{project}/topics/{topology.events.topic}",
        push_config=PushConfig(push_endpoint=endpoint),
        ack_deadline_seconds=push.ack_deadline_seconds,
        dead_letter_policy=DeadLetterPolicy(
            dead_letter_topic=f"projects/{project}/topics/{topology.events.dead_letter_topic}",
            max_delivery_attempts=push.max_delivery_attempts,
        ),
    )


# No call is repeated: by default an emulator that is not there goes unnoticed for ten minutes.


def _create_topic(publisher: PublisherClient, name: str) -> None:
    try:
        publisher.create_topic(name=name, retry=None, timeout=_TIMEOUT_SECONDS)
    except AlreadyExists:
        return


def _create_subscription(subscriber: SubscriberClient, subscription: Subscription, *, pubsub_host: str) -> None:
    try:
        subscriber.create_subscription(subscription, retry=None, timeout=_TIMEOUT_SECONDS)
    except AlreadyExists:
        found = subscriber.get_subscription(subscription=subscription.name, retry=None, timeout=_TIMEOUT_SECONDS)
        if found.topic != subscription.topic:
            raise StackError(_on_another_topic(found, subscription, pubsub_host=pubsub_host)) from None
        subscriber.modify_push_config(
            subscription=subscription.name,
            push_config=subscription.push_config,
            retry=None,
            timeout=_TIMEOUT_SECONDS,
        )


def _on_another_topic(found: Subscription, wanted: Subscription, *, pubsub_host: str) -> str:
    """A subscription cannot be moved, and one on another topic would get none of the events of now."""
    name, topic, found_topic = (path.rpartition("/")[2] for path in (wanted.name, wanted.topic, found.topic))
    there = "a topic that was deleted" if found_topic == _DELETED else f"the topic {found_topic}"
    return (
        f"The subscription {name} on the Pub/Sub emulator at {pubsub_host} belongs to {there}, not to {topic}, from an "
        "earlier run: restart the emulator, or delete the subscription and the events waiting in it: "
        f"curl -X DELETE http://{pubsub_host}/v1/{wanted.name}"
    )
