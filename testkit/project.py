"""A project of a test's own on the stack's emulators and broker, handled with the functions' own adapters."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.cloud.firestore import Client

from create_user.firestore_sign_up_requests import FirestoreSignUpRequests
from create_user.firestore_users import FirestoreUsers
from create_user.registration import register_user
from relay_outbox.relay import relay_outbox
from shared.deliveries.deliver_once import Lease, deliver_once
from shared.deliveries.delivery import Attempt
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.events.event import Event, UserId
from shared.events.message import Message
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import Entry, publish_and_clear
from testkit.builders import a_new_user, a_sign_up_requested
from testkit.database import database_of
from testkit.fakes import Passwords
from testkit.stack import LocalStack


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
        self._broker = stack.broker
        self.quiet_seconds = self._broker.quiet_seconds
        self._outbox = FirestoreOutbox(database_of(self.firestore))
        self._publisher = self._broker.publisher(self.id)

    def push_events_to(self, url: str, *, subscription: str = "send-email") -> None:
        """Push events to the subscriber at `url`, and again a second after each failure."""
        self._broker.push_events_of(self.id, url, subscription=subscription)

    def store_user(self, email: str) -> Entry:
        """Store a user whose event waits in the outbox, as a request leaves it that dies before it publishes."""
        return store_user(self.firestore, email)

    def request_sign_up(self, email: str, *, ago: timedelta = timedelta()) -> Entry:
        """Count a request for an address that nobody holds; its event waits in the outbox, as if it were so old."""
        requests = FirestoreSignUpRequests(database_of(self.firestore))
        requested = requests.look_up(email)
        event = a_sign_up_requested(email=email, occurred_at=requested.at - ago)
        version = requests.count(email, requested, event)
        assert version, "another request was counted meanwhile"
        return Entry(event, version)

    def publish(self, event: Event) -> None:
        """Publish an event that is not in the outbox."""
        self._publisher.publish(event)

    def publish_and_clear(self, entry: Entry) -> None:
        publish_and_clear(entry, self._publisher, self._outbox)

    def publish_message(self, message: Message) -> None:
        """Publish whatever it is."""
        self._broker.publish(self.id, message)

    def relay(self) -> int:
        """Publish what waits in the outbox, and return how much is left."""
        report = relay_outbox(self._outbox, self._publisher, grace=timedelta(0), budget_seconds=10, now=_now)
        return report.remaining

    def attempt_delivery(self, event: Event, act: Callable[[Attempt], None]) -> None:
        """Be an earlier instance of send_email, whose lease is over at once."""
        deliveries = FirestoreDeliveries(database_of(self.firestore), "send_email")
        deliver_once(event, act, effect="mail", deliveries=deliveries, lease=Lease(0.01, 0.01), now=_now)

    def documents(self, collection: str) -> dict[str, dict[str, Any]]:
        return {each.id: each.to_dict() or {} for each in self.firestore.collection(collection).get()}

    def take_dead_letters(self) -> list[Message]:
        return self._broker.take_dead_letters(self.id)

    def is_quiet(self, *, since: float) -> bool:
        """Whether nothing more will happen, as nothing has `since` then, on the monotonic clock."""
        return time.monotonic() - since > self.quiet_seconds and not self._broker.is_pushing(self.id)

    def close(self) -> None:
        self._broker.push_no_events_of(self.id)
        self.firestore.close()  # type: ignore[no-untyped-call]  # the library's gap


def store_user(firestore: Client, email: str) -> Entry:
    """Store a user, and return the event in the outbox."""
    registration = register_user(
        a_new_user(email=email, name="Ewan Canary"),
        UserId(str(uuid4())),
        passwords=Passwords(),
        users=FirestoreUsers(database_of(firestore)),
        publish=lambda _: None,
        now=_now,
        traceparent="",
    )
    return registration.entry


def _now() -> datetime:
    return datetime.now(UTC)
