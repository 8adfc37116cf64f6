from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from google.cloud.firestore import DELETE_FIELD, Client

from create_user.firestore_users import FirestoreUsers
from create_user.registration import UndecidedError, Users, UsersUnavailableError, user_created
from create_user.user import StoredUser
from testkit import fakes
from testkit.builders import TRACEPARENT, a_stored_user
from testkit.database import database_of
from tests.contract.user_store import Store


def test_added_user_is_found_by_id_and_holds_its_address(store: Store) -> None:
    user = a_stored_user(company="Acme")

    store.add(user)

    [entry] = store.entries()
    found = store.users.look_up(user.user.id, user.user.email)
    assert (found.stored, found.holder) == ((user, entry.version), user.user.id)


def test_added_user_has_its_event_in_the_outbox(store: Store) -> None:
    event = store.add(a_stored_user(company="Acme"))

    assert store.events() == [event]


def test_version_of_the_entry_is_known_to_who_added_it_and_to_who_looks_it_up_later(store: Store) -> None:
    user = a_stored_user()
    added = store.users.add(user, user_created(user.user, TRACEPARENT))
    [entry] = store.entries()
    store.outbox.clear(entry)

    found = store.users.look_up(user.user.id, user.user.email)

    assert added == entry.version
    assert found.stored == (user, added)


def test_nobody_is_found_before_anyone_was_added(store: Store) -> None:
    found = store.users.look_up(a_stored_user().user.id, "ewan@example.com")

    assert (found.stored, found.holder) == (None, None)


@pytest.mark.parametrize("email_verified", [True, False])
def test_user_says_whether_its_address_was_verified(store: Store, *, email_verified: bool) -> None:
    user = replace(a_stored_user(), email_verified=email_verified)

    store.add(user)

    found = store.users.look_up(user.user.id, user.user.email)
    assert found.stored
    assert found.stored[0].email_verified is email_verified


def test_user_of_before_addresses_were_verified_was_not(firestore_client: Client) -> None:
    users, user = FirestoreUsers(database_of(firestore_client)), a_stored_user()
    users.add(user, user_created(user.user, TRACEPARENT))
    firestore_client.document("users", user.user.id).update({"email_verified": DELETE_FIELD})

    found = users.look_up(user.user.id, user.user.email)

    assert found.stored
    assert found.stored[0] == user


def test_time_of_a_look_up_is_the_stores(firestore_client: Client) -> None:
    users, user = FirestoreUsers(database_of(firestore_client)), a_stored_user()
    before = users.look_up(user.user.id, user.user.email)
    stored_at = users.add(user, user_created(user.user, TRACEPARENT))
    after = users.look_up(user.user.id, user.user.email)

    assert [each.at.tzinfo for each in (before, after)] == [UTC, UTC]
    assert isinstance(stored_at, datetime)
    assert before.at <= stored_at <= after.at < stored_at + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("held", "spelling"),
    [
        ("ewan@example.com", "ewan@example.com"),
        ("ewan@example.com", "Ewan@Example.COM"),
        ("\N{GREEK SMALL LETTER SIGMA}1@example.com", "ς1@example.com"),
        ("νίκος.παπάς@example.com", "ΝΊΚΟΣ.ΠΑΠΆΣ@example.com"),
    ],
)
def test_taken_address_is_undecided_and_stores_nothing(store: Store, held: str, spelling: str) -> None:
    holder, second = a_stored_user(email=held), a_stored_user(email=spelling)
    event = store.add(holder)

    with pytest.raises(UndecidedError):
        store.add(second)

    found = store.users.look_up(second.user.id, spelling)
    assert (found.stored, found.holder) == (None, holder.user.id)
    assert store.events() == [event]


def test_same_id_again_is_undecided_and_changes_nothing(store: Store) -> None:
    user = a_stored_user()
    event = store.add(user)

    with pytest.raises(UndecidedError):
        store.add(replace(user, user=replace(user.user, name="Owen", email="owen@example.com")))

    found = store.users.look_up(user.user.id, "owen@example.com")
    assert found.stored
    assert (found.stored[0], found.holder) == (user, None)
    assert store.events() == [event]


def test_addresses_that_differ_in_more_than_case_are_different(store: Store) -> None:
    for email in ("ewan@example.com", "ewan+news@example.com", "e.wan@example.com", "ß@example.com", "ss@example.com"):
        store.add(a_stored_user(email=email))

    assert len(store.events()) == 5


def test_reservation_of_an_ascii_address_is_named_by_its_hash_in_lower_case(firestore_client: Client) -> None:
    holder = a_stored_user(email="Ewan.Valentine+news@example.com")

    FirestoreUsers(database_of(firestore_client)).add(holder, user_created(holder.user, traceparent=""))

    reserved = "03c65a8724f5d7e871f2dbca7de5922f3af806abf03c9d25609ae90af3e835d3"  # pragma: allowlist secret
    assert firestore_client.document("email_reservations", reserved).get().get("user_id") == holder.user.id


def test_one_of_many_who_add_an_address_at_once_wins(store: Store) -> None:
    def wins(user: StoredUser) -> bool:
        try:
            store.add(user)
        except UndecidedError:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        won = list(pool.map(wins, [a_stored_user() for _ in range(20)]))

    assert won.count(True) == 1
    assert len(store.events()) == 1


@pytest.fixture(params=["fake", "firestore"])
def failing_users(request: pytest.FixtureRequest) -> Users:
    if request.param == "fake":
        return fakes.Users(failing_commits=1, is_silent=True)
    return FirestoreUsers(database_of(request.getfixturevalue("failing_firestore")))


def test_store_that_fails_leaves_it_undecided_and_cannot_be_read(failing_users: Users) -> None:
    user = a_stored_user()

    with pytest.raises(UndecidedError):
        failing_users.add(user, user_created(user.user, TRACEPARENT))
    with pytest.raises(UsersUnavailableError):
        failing_users.look_up(user.user.id, user.user.email)
