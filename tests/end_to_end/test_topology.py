"""The running stack has the subscriptions that topology.toml describes."""

from datetime import timedelta

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import Subscription

from deploy.topology import read_topology
from tests.stack import LocalStack


def test_every_subscriber_is_pushed_to_with_the_policies_of_the_topology(stack: LocalStack) -> None:
    topology = read_topology()
    policies = topology.push

    found = subscriptions(stack)

    for function in topology.subscribers().values():
        subscription = found[str(function.subscription)]
        assert subscription.topic.endswith(f"/topics/{topology.events.topic}")
        assert subscription.push_config.push_endpoint.startswith(
            f"http://127.0.0.1:{stack.ports.base + function.port}/"
        )
        assert subscription.ack_deadline_seconds == policies.ack_deadline_seconds
        assert subscription.retry_policy.minimum_backoff == timedelta(seconds=policies.minimum_backoff_seconds)
        assert subscription.retry_policy.maximum_backoff == timedelta(seconds=policies.maximum_backoff_seconds)
        assert subscription.dead_letter_policy.max_delivery_attempts == policies.max_delivery_attempts
        assert subscription.dead_letter_policy.dead_letter_topic.endswith(f"/{topology.events.dead_letter_topic}")


def test_dead_letters_wait_in_a_subscription_that_pushes_nowhere(stack: LocalStack) -> None:
    events = read_topology().events

    dead_letters = subscriptions(stack)[events.dead_letter_subscription]

    assert dead_letters.topic.endswith(f"/topics/{events.dead_letter_topic}")
    assert not dead_letters.push_config.push_endpoint


def subscriptions(stack: LocalStack) -> dict[str, Subscription]:
    with grpc.insecure_channel(stack.pubsub_host) as channel:
        subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        listed = subscriber.list_subscriptions(project=f"projects/{stack.project}")
        return {subscription.name.rpartition("/")[2]: subscription for subscription in listed}
