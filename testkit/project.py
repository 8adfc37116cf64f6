"""A project of a test's own on the stack's emulators, handled with the functions' own adapters."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.api_core.exceptions import DeadlineExceeded
from google.cloud.firestore import Client
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.types import PubsubMessage

from blueprint.topology import read_topology
from create_user.firestore_users import FirestoreUsers
from create_user.registration import register_user
from relay_outbox.relay import relay_outbox
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.deliveries.deliver_once import Lease, deliver_once
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.events.codec import Encoding
from shared.events.event import Event, UserId
from shared.events.message import Message
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import Entry, publish_and_clear
from testkit.builders import a_new_user
from testkit.fakes import Passwords
from testkit.stack import LocalStack

_TOPOLOGY = read_topology()
_PULL_SECONDS = 0.5


@contextmanager
def emulators_of(stack: LocalStack) -> Iterator[None]:
    """Let this process's own clients reach the stack's emulators."""
    with pytest.MonkeyPatch.context() as environment:
        for name, host in stack.emulator_hosts.items():
            environment.setenv(name, host)
        yield


class Project:
    def __init__(self, stack: LocalStack) -> None:
        self.id = f"chaos-{uuid4().hex}"
        self.firestore = Client(project=self.id)
        self._stack = stack
        self._outbox = FirestoreOutbox(self.firestore)
        self._topic = PublisherClient.topic_path(self.id, _TOPOLOGY.events.topic)
        self._pubsub = PublisherClient()
        self._publisher = PubsubPublisher(self._pubsub, self._topic, Encoding.JSON)

    def push_events_to(self, url: str) -> None:
        """Push events to the subscriber at `url`, and again a second after each failure."""
        self._stack.push_events_of(self.id, url)

    def store_user(self, email: str) -> Entry:
        """Store a user whose event waits in the outbox, as a request leaves it that dies before it publishes."""
        registration = register_user(
            a_new_user(email=email, name="Ewan Canary"),
            UserId(str(uuid4())),
            passwords=Passwords(),
            users=FirestoreUsers(self.firestore),
            publish=lambda _: None,
            now=_now,
            traceparent="",
        )
        return registration.entry

    def publish(self, event: Event) -> None:
        """Publish an event that is not in the outbox."""
        self._publisher.publish(event)

    def publish_and_clear(self, entry: Entry) -> None:
        publish_and_clear(entry, self._publisher, self._outbox)

    def publish_message(self, message: Message) -> None:
        """Publish whatever it is."""
        self._pubsub.publish(
            topic=self._topic, messages=[PubsubMessage(data=message.data, attributes=message.attributes)]
        )

    def relay(self) -> int:
        """Publish what waits in the outbox, and return how much is left."""
        report = relay_outbox(self._outbox, self._publisher, grace=timedelta(0), budget_seconds=10, now=_now)
        return report.remaining

    def attempt_delivery(self, event: Event, act: Callable[[float], None]) -> None:
        """Be an earlier instance of send_email, whose lease is over at once."""
        deliveries = FirestoreDeliveries(self.firestore, "send_email")
        deliver_once(event, act, effect="mail", deliveries=deliveries, lease=Lease(0.01, 0.01), now=_now)

    def documents(self, collection: str) -> dict[str, dict[str, Any]]:
        return {each.id: each.to_dict() or {} for each in self.firestore.collection(collection).get()}

    def dead_letters(self) -> list[PubsubMessage]:
        subscriber = SubscriberClient()
        name = subscriber.subscription_path(self.id, _TOPOLOGY.events.dead_letter_subscription)
        try:
            pulled = subscriber.pull(subscription=name, max_messages=100, retry=None, timeout=_PULL_SECONDS)
        except DeadlineExceeded:  # it waits for a message in vain
            return []
        return [each.message for each in pulled.received_messages]

    def close(self) -> None:
        self._stack.push_no_events_of(self.id)
        self.firestore.close()  # type: ignore[no-untyped-call]  # the library's gap


def _now() -> datetime:
    return datetime.now(UTC)
