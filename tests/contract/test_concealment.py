"""Reminders of repeated sign-ups: the store keeps them until they are published."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore import Client

from create_user.concealment import RemindedUsers
from create_user.firestore_users import FirestoreUsers
from create_user.registration import UsersUnavailableError, user_created
from relay_outbox.relay import relay_outbox
from shared.events.codec import Encoding, encode
from testkit import fakes
from testkit.builders import NOW, a_sign_up_repeated, a_stored_user
from tests.contract.user_store import Store


def test_kept_event_is_in_the_outbox(store: Store) -> None:
    event = a_sign_up_repeated()

    version = store.users.keep_event(event)

    [entry] = store.entries()
    assert (entry.event, entry.version) == (event, version)
    found = entry.event
    assert all(encode(found, encoding) == encode(event, encoding) for encoding in Encoding)


def test_event_that_is_kept_already_stays_as_it_is(store: Store) -> None:
    first = a_sign_up_repeated()
    store.users.keep_event(first)

    assert store.users.keep_event(replace(first, occurred_at=NOW + timedelta(hours=1))) is None

    assert store.events() == [first]


def test_event_that_was_published_is_not_kept_again(store: Store) -> None:
    event = a_sign_up_repeated()
    store.users.keep_event(event)
    store.outbox.clear(*store.entries())

    version = store.users.keep_event(event)

    assert version is None
    assert store.events() == []


def test_reminder_expires_after_the_day_of_its_event(firestore_client: Client) -> None:
    event = a_sign_up_repeated()

    FirestoreUsers(firestore_client).keep_event(event)

    reminder = firestore_client.document("reminders", event.event_id).get().to_dict()
    assert reminder == {"expires_at": NOW + timedelta(days=2)}


def test_address_is_the_one_that_is_stored(store: Store) -> None:
    holder = a_stored_user(email="Ewan@example.com")
    store.users.add(holder, user_created(holder.user, traceparent=""))

    assert store.users.address_of(holder.user.id) == "Ewan@example.com"
    assert store.users.address_of(a_stored_user().user.id) is None


@pytest.mark.parametrize(
    ("fields", "address"),
    [({"email": "ewan@example.com"}, "ewan@example.com"), ({"name": "E"}, None), ({"email": 1}, None)],
)
def test_address_is_found_whatever_else_a_document_lacks(
    firestore_client: Client, fields: dict[str, Any], address: str | None
) -> None:
    user_id = a_stored_user().user.id
    firestore_client.document("users", user_id).create(fields)

    assert FirestoreUsers(firestore_client).address_of(user_id) == address


def test_relay_publishes_and_clears_what_is_kept(store: Store) -> None:
    event, publisher = a_sign_up_repeated(), fakes.Publisher()
    store.users.keep_event(event)

    report = relay_outbox(store.outbox, publisher, grace=timedelta(0), budget_seconds=10, now=lambda: NOW)

    assert (report.relayed, report.remaining) == (1, 0)
    assert publisher.published == [event]


@pytest.fixture(params=["fake", "firestore"])
def failing_users(request: pytest.FixtureRequest) -> RemindedUsers:
    if request.param == "fake":
        return fakes.Users(is_silent=True)
    return FirestoreUsers(request.getfixturevalue("failing_firestore"))


def test_store_that_fails_is_unavailable(failing_users: RemindedUsers) -> None:
    with pytest.raises(UsersUnavailableError):
        failing_users.keep_event(a_sign_up_repeated())
    with pytest.raises(UsersUnavailableError):
        failing_users.address_of(a_stored_user().user.id)
