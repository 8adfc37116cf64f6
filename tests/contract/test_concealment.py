"""Reminders of repeated sign-ups: the store keeps them until they are published."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from create_user.concealment import RemindedUsers
from create_user.firestore_outbox import FirestoreOutbox
from create_user.firestore_users import FirestoreUsers
from create_user.outbox import Outbox, relay_outbox
from create_user.registration import UsersUnavailableError
from shared.events.codec import Encoding, encode
from tests import fakes
from tests.builders import NOW, a_sign_up_repeated


@dataclass
class Store:
    users: RemindedUsers
    outbox: Outbox


@pytest.fixture(params=["fake", "firestore"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "fake":
        outbox = fakes.Outbox()
        return Store(fakes.Users(outbox), outbox)
    client = request.getfixturevalue("firestore_client")
    return Store(FirestoreUsers(client), FirestoreOutbox(client))


def test_kept_event_is_in_the_outbox(store: Store) -> None:
    event = a_sign_up_repeated()

    store.users.keep_event(event)

    [[found]] = store.outbox.pages()
    assert found == event
    assert all(encode(found, encoding) == encode(event, encoding) for encoding in Encoding)


def test_event_that_is_kept_already_stays_as_it_is(store: Store) -> None:
    first = a_sign_up_repeated()

    for event in (first, replace(first, occurred_at=NOW + timedelta(hours=1))):
        store.users.keep_event(event)

    assert list(store.outbox.pages()) == [[first]]


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
