"""An audit of data on the emulator that was broken by hand, in each way that there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from google.cloud.firestore import Client

from audit.audit import Scope, audit
from audit.events import Pushes
from audit.firestore_records import FirestoreRecords
from audit.records import Backlog, NoSuchUserError, Subscriber
from audit.report import Fault, Finding, Report, Status
from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from shared.contract.delivery_state import DeliveryState
from shared.deliveries.delivery import Delivery
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.deliveries.firestore_malformed_events import FirestoreMalformedEvents
from shared.events.event import Event
from shared.events.message import Message
from shared.events.outbox_entry import entry_of
from shared.events.user_created import UserCreated
from shared.users.address_key import reservation_id
from testkit.builders import a_sign_up_repeated, a_sign_up_requested, a_stored_user
from testkit.database import database_of

MAIL, SMS = Subscriber("send_email", "send-email"), Subscriber("notify_admin", "notify-admin", optional=True)
DEAD = "dead-letters"


@dataclass
class Stored:
    """One project's data, and what is told of its messages: that there are none, unless a test says otherwise."""

    client: Client
    subscribers: tuple[Subscriber, ...] = (MAIL,)
    pauses: int = 0
    told: dict[str, Backlog | None] = field(default_factory=dict)

    def a_user(self, age: timedelta = timedelta()) -> UserCreated:
        """Who has signed up, and whose event has left the outbox."""
        email = f"ewan.{uuid4().hex}@canary.example"
        user = a_stored_user(name="Ewan Canary", email=email, created_at=datetime.now(UTC) - age)
        event = user_created(user.user, traceparent="")
        FirestoreUsers(database_of(self.client)).add(user, event)
        self.document("outbox", event.event_id).delete()
        return event

    def a_mailed_user(self, age: timedelta = timedelta()) -> UserCreated:
        event = self.a_user(age)
        self.deliver(event)
        return event

    def deliver(self, event: Event, state: DeliveryState = DeliveryState.SENT, **other: Any) -> None:
        subscriber = other.pop("subscriber", MAIL)
        delivery = Delivery(state=state, token="token", lease_expires_at=datetime.now(UTC), **other)
        FirestoreDeliveries(database_of(self.client), subscriber.name, event).write(
            event.event_id, delivery, replacing=None
        )

    def document(self, collection: str, name: str) -> Any:
        return self.client.document(collection, name)

    def audit(self, **other: Any) -> Report:
        pushes = Pushes(
            subscribers=self.subscribers, dead_letters=DEAD, attempts_seconds=other.pop("attempts_seconds", 1000)
        )
        now = datetime.now(UTC)
        usual = {
            "created_from": now - timedelta(days=1),
            "created_to": now,
            "most_users": 1000,
            "most_reservations": 1000,
            "settled_seconds": 0,
            "outbox_late_seconds": 1000,
        }
        scope = Scope(pushes=pushes, **{**usual, **other})
        return audit(scope, FirestoreRecords(self.client), self, pause=self._pause)

    def _pause(self) -> None:
        self.pauses += 1

    def backlogs(self) -> Mapping[str, Backlog]:
        later = datetime.now(UTC) + timedelta(minutes=1)
        empty = {name: Backlog(later, 0, later) for name in (MAIL.subscription, SMS.subscription, DEAD)}
        return {name: backlog for name, backlog in {**empty, **self.told}.items() if backlog}


@pytest.fixture
def stored(firestore_client: Client) -> Stored:
    return Stored(firestore_client)


def test_every_break_is_found_in_one_report(stored: Stored) -> None:
    stored.a_mailed_user()
    without_reservation, taken, without_user, lost, unreadable = (stored.a_mailed_user() for _ in range(5))
    stored.document("email_reservations", reservation_id(without_reservation.email)).delete()
    stored.document("email_reservations", reservation_id(taken.email)).update({"user_id": without_reservation.user_id})
    stored.document("users", without_user.user_id).delete()
    stored.document("deliveries", f"send_email.{lost.event_id}").delete()
    stored.document("users", unreadable.user_id).update({"event_id": 7})
    stored.deliver(stored.a_user(), DeliveryState.UNDELIVERABLE)
    stored.deliver(stored.a_user(), DeliveryState.RELEASED, takeovers=2, unknown_outcomes=1)
    stored.document("outbox", stored.a_user().event_id).create({})
    FirestoreMalformedEvents(database_of(stored.client), "send_email", lambda: datetime.now(UTC)).record(
        Message(b"", {}), "some"
    )
    dead_since = datetime.now(UTC) - timedelta(hours=1)
    stored.told[DEAD] = Backlog(datetime.now(UTC), 3, dead_since)

    report = stored.audit(outbox_late_seconds=0)

    assert set(report.broken) == {
        Finding(Fault.EVENT_LOST, lost.user_id, lost.event_id, "send_email"),
        Finding(Fault.RESERVATION_WITHOUT_USER, without_reservation.user_id),  # the one that it has not reserved
        Finding(Fault.RESERVATION_WITHOUT_USER, without_user.user_id),
        Finding(Fault.USER_UNREADABLE, unreadable.user_id),
        Finding(Fault.USER_WITHOUT_RESERVATION, without_reservation.user_id),
        Finding(Fault.USER_WITHOUT_RESERVATION, taken.user_id),
    }
    counted = report.undeliverable.count, report.malformed.count, report.dead_letters.count, report.outbox.count
    assert counted == (1, 1, 3, 1)
    assert (report.waiting, report.overdue, report.possible_duplicates) == (2, 0, 3)
    assert report.status is Status.BROKEN
    lines = "\n".join(report.lines())
    assert f"redrive --from-users --subscriber send_email --id {lost.event_id}" in lines
    assert not any(secret in lines for secret in ("canary", "Ewan", reservation_id(taken.email)))


def test_sound_data_holds_every_promise_after_a_single_look(stored: Stored) -> None:
    for _ in range(3):
        stored.a_mailed_user()

    report = stored.audit()

    assert (report.status, report.users, report.reservations, report.waiting) == (Status.KEPT, 3, 3, 0)
    assert stored.pauses == 0
    assert list(report.lines())[-1] == "Every promise holds."


def test_what_became_of_a_request_of_a_link_is_counted_and_breaks_no_promise(stored: Stored) -> None:
    holder = stored.a_mailed_user()
    stored.deliver(a_sign_up_requested(), DeliveryState.UNDELIVERABLE, last_error="link_expired")
    stored.deliver(a_sign_up_requested(), DeliveryState.RELEASED)
    stored.deliver(a_sign_up_repeated(user_id=holder.user_id), DeliveryState.UNDELIVERABLE)
    request = a_sign_up_requested()
    stored.document("outbox", request.event_id).create(entry_of(request))

    report = stored.audit()

    assert (report.status, report.broken, report.waiting) == (Status.KEPT, [], 0)
    assert (report.undeliverable.count, report.outbox.count) == (2, 1)


def test_repaired_meanwhile_is_not_broken(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    late, orphan, bare = stored.a_user(), stored.a_mailed_user(), stored.a_mailed_user()
    user = stored.document("users", orphan.user_id).get().to_dict()
    stored.document("users", orphan.user_id).delete()
    stored.document("email_reservations", reservation_id(bare.email)).delete()

    def repair() -> None:
        stored.deliver(late)
        stored.document("users", orphan.user_id).create(user)
        stored.document("email_reservations", reservation_id(bare.email)).create({"user_id": bare.user_id})

    monkeypatch.setattr(stored, "_pause", repair)

    assert stored.audit().broken == []


@pytest.mark.parametrize(
    ("told", "overdue"),
    [
        ({MAIL.subscription: None}, 1),
        ({MAIL.subscription: Backlog(datetime(2026, 1, 2, tzinfo=UTC), 0, datetime(2026, 1, 2, tzinfo=UTC))}, 1),
        ({DEAD: None}, 1),
        ({DEAD: Backlog(datetime(2036, 1, 1, tzinfo=UTC), 1, datetime(2036, 1, 1, tzinfo=UTC))}, 1),
    ],
    ids=["ages unknown", "ages from before", "dead letters unknown", "a dead letter"],
)
def test_event_that_may_still_be_a_message_waits(stored: Stored, told: dict[str, Backlog | None], overdue: int) -> None:
    stored.a_user()
    stored.told = told

    report = stored.audit(attempts_seconds=0)

    assert (report.broken, report.waiting, report.overdue, report.status) == ([], 1, overdue, Status.LATE)
    assert report.unknown_ages == [name for name, backlog in told.items() if backlog is None]


def test_optional_subscriber_is_asked_for_nothing_before_its_first_delivery(stored: Stored) -> None:
    stored.subscribers = (MAIL, SMS)
    _before, first, later = (stored.a_mailed_user(timedelta(minutes=minutes)) for minutes in (3, 2, 1))
    stored.deliver(first, subscriber=SMS)

    report = stored.audit()

    assert [str(finding) for finding in report.broken] == [f"event_lost notify_admin {later.event_id}"]
    assert report.not_expected == 1


def test_audit_reads_no_more_than_it_may_and_continues_there(stored: Stored) -> None:
    oldest, middle, newest = (stored.a_user(timedelta(minutes=minutes)) for minutes in (3, 2, 1))

    first = stored.audit(most_users=2, most_reservations=2)
    second = stored.audit(after_user=first.next_user, first_reservation=first.next_reservation)

    lost = [[finding.event_id for finding in report.broken] for report in (first, second)]
    assert (sorted(lost[0]), lost[1]) == (sorted([oldest.event_id, middle.event_id]), [newest.event_id])
    assert (first.users, first.reservations, second.users, second.reservations) == (2, 2, 1, 2)
    assert (second.next_user, second.next_reservation) == ("", "")
    assert len(first.next_reservation) == 6


def test_user_who_is_too_young_or_outside_of_the_window_is_not_judged(stored: Stored) -> None:
    stored.a_user(timedelta(days=2))
    stored.a_user()

    assert stored.audit(settled_seconds=600).users == 0


def test_audit_cannot_continue_after_a_user_who_is_not_stored(stored: Stored) -> None:
    with pytest.raises(NoSuchUserError):
        stored.audit(after_user=str(uuid4()))
