"""Makes what a redrive puts back, with the functions' own adapters, and looks for it afterwards."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from google.cloud.firestore import DELETE_FIELD

from blueprint.topology import read_topology
from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from operations.redrive.system import System
from shared.contract.delivery_state import DeliveryState
from shared.deliveries.delivery import Delivery
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.deliveries.firestore_malformed_events import FirestoreMalformedEvents
from shared.events.codec import Encoding, encode
from shared.events.event import Event, EventId
from shared.events.message import Message
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.user_created import UserCreated
from shared.outbox.firestore_outbox import FirestoreOutbox
from testkit.brokers.running_broker import RunningBroker, Witness
from testkit.builders import NOW, a_sign_up_repeated, a_stored_user
from testkit.database import database_of

SUBSCRIBER = "send_email"
DEAD_LETTER_TOPIC = read_topology().events.dead_letter_topic


@dataclass(frozen=True)
class GoneWrong:
    """One project's users and events."""

    system: System
    broker: RunningBroker
    witness: Witness

    @property
    def project(self) -> str:
        return self.system.firestore.project

    def a_user(self, age: timedelta = timedelta()) -> UserCreated:
        """Store a user with a proved address whose event has left the outbox; it as the relay would publish it."""
        email, created_at = f"ewan.{uuid4().hex}@canary.example", datetime.now(UTC) - age
        user = replace(a_stored_user(name="Ewan Canary", email=email, created_at=created_at), email_verified=True)
        event = user_created(user.user, traceparent="", email_verified=True)
        FirestoreUsers(database_of(self.system.firestore)).add(user, event)
        self.system.firestore.document("outbox", event.event_id).delete()
        return event

    def a_reminder(self, age: timedelta = timedelta()) -> SignUpRepeated:
        """The same of somebody who has tried to sign up with a user's address."""
        user = self.a_user()
        return a_sign_up_repeated(
            user_id=user.user_id, email=user.email, occurred_at=datetime.now(UTC) - age, traceparent=""
        )

    def a_delivery(
        self, event: Event, state: DeliveryState, subscriber: str = SUBSCRIBER, last_error: str = "rcpt_550"
    ) -> str:
        delivery = Delivery(state=state, token="token", lease_expires_at=datetime.now(UTC), last_error=last_error)
        FirestoreDeliveries(database_of(self.system.firestore), subscriber, event).write(
            event.event_id, delivery, replacing=None
        )
        return f"{subscriber}.{event.event_id}"

    def an_old_delivery(self, event: Event, state: DeliveryState) -> str:
        """Of the time when records said nothing of their event."""
        record_id = self.a_delivery(event, state)
        says_nothing = dict.fromkeys(("type", "user_id", "occurred_at"), DELETE_FIELD)
        self.system.firestore.document("deliveries", record_id).update(says_nothing)
        return record_id

    def an_undeliverable(self) -> UserCreated:
        event = self.a_user()
        self.a_delivery(event, DeliveryState.UNDELIVERABLE)
        return event

    def a_malformed_event(self, message: Message) -> str:
        records = FirestoreMalformedEvents(database_of(self.system.firestore), SUBSCRIBER, lambda: NOW)
        return records.record(message, "some reason")

    def a_dead_letter(self, event: Event) -> Message:
        message = encode(event, Encoding.JSON)
        added = {"CloudPubSubDeadLetterSourceSubscription": "send-email"}
        dead = Message(message.data, {**message.attributes, **added})
        self.broker.publish(self.project, dead, topic=DEAD_LETTER_TOPIC)
        return message

    def outbox(self) -> list[Event]:
        return [entry.event for page in FirestoreOutbox(database_of(self.system.firestore)).pages() for entry in page]

    def outbox_entries(self) -> list[dict[str, Any] | None]:
        """As they are stored."""
        return [entry.to_dict() for entry in self.system.firestore.collection("outbox").get()]

    def state(self, event_id: EventId) -> DeliveryState:
        return FirestoreDeliveries(database_of(self.system.firestore), SUBSCRIBER).read(event_id)[0].state

    def malformed_events(self) -> list[str]:
        return [record.id for record in self.system.firestore.collection("malformed_events").get()]

    def on_topic(self) -> list[Message]:
        """All that has been published."""
        return self.witness.messages()

    def dead_letters(self) -> list[Message]:
        """Those there are, which are then gone."""
        return self.broker.take_dead_letters(self.project)
