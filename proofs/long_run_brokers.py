"""
What carries the events of a long run, and pushes them to the subscriber at an address, which is host:port.

`running` is the broker past all faults, `pushers` are the processes that push its events, where it does not by itself.
"""

from pathlib import Path

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import DeadLetterPolicy, PushConfig, Subscription

from blueprint.topology import read_topology
from emulator.google.topics import create_topics
from proofs.long_run_instance import Instance
from testkit.brokers.running_nats import RunningNats
from testkit.brokers.running_pubsub import RunningPubsub
from testkit.nats_server import NatsServer
from testkit.pusher_process import PLAINLY, pusher_environment

REDELIVERED_WITHIN_SECONDS = 10
_TOPOLOGY = read_topology()


class PubsubOfStack:
    """The stack's emulator, which never fails itself."""

    name = "Pub/Sub"

    def __init__(self, pubsub_host: str) -> None:
        self.running = RunningPubsub(pubsub_host)
        self.pushers: list[Instance] = []

    def push(self, project: str, address: str, *, via: str) -> None:  # noqa: ARG002  the emulator pushes by itself
        """
        Without the retry policy that topology.toml names.

        The emulator never redelivers some of several messages that fail at once where there is one; without it, it
        redelivers each every second.
        """
        create_topics(_TOPOLOGY, project=project, pubsub_host=self.running.address, push_endpoints={})
        topic, dead_letter_topic = (
            f"projects/{project}/topics/{name}" for name in (_TOPOLOGY.events.topic, _TOPOLOGY.events.dead_letter_topic)
        )
        subscription = Subscription(
            name=f"projects/{project}/subscriptions/send-email",
            topic=topic,
            push_config=PushConfig(push_endpoint=f"http://{address}/{topic}"),
            ack_deadline_seconds=REDELIVERED_WITHIN_SECONDS,
            dead_letter_policy=DeadLetterPolicy(
                dead_letter_topic=dead_letter_topic, max_delivery_attempts=_TOPOLOGY.push.max_delivery_attempts
            ),
        )
        with grpc.insecure_channel(self.running.address) as channel:
            subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
            subscriber.create_subscription(subscription, retry=None, timeout=5)


class NatsOfRun:
    """The run's own `server`, and two pushers, which fail as it does."""

    name = "NATS"

    def __init__(self, server: NatsServer, logs: Path) -> None:
        self.server = server
        self.running = RunningNats(server.url, logs)
        self.pushers: list[Instance] = []
        self._logs = logs

    def push(self, project: str, address: str, *, via: str) -> None:
        """The pushers reach the server `via` another address."""
        self.running.create_topics(project)
        environment = pusher_environment(project, f"nats://{via}", {"send-email": f"http://{address}/"})
        self.pushers += [
            Instance(PLAINLY, environment=environment, log=self._logs / f"{project}.pusher.{number}.log")
            for number in (1, 2)
        ]
