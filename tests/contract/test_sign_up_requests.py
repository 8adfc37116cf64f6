"""Requests to sign up: the store counts their mails, and keeps their events until they are published."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from create_user.firestore_sign_up_requests import FirestoreSignUpRequests
from create_user.mail_count import MailCount
from create_user.sign_up_requests import Requests, RequestsUnavailableError
from relay_outbox.relay import relay_outbox
from shared.events.codec import Encoding, encode
from shared.events.event import Event
from testkit import fakes
from testkit.builders import NOW, a_sign_up_repeated, a_sign_up_requested, a_stored_user
from testkit.database import database_of
from testkit.fake_requests import Requests as FakeRequests
from tests.contract.user_store import Store

ADDRESS, TAGGED, OTHER_TAG = "ewan@example.com", "ewan+news@example.com", "EWAN+shop@example.com"


def count(store: Store, address: str, event: Event | None = None) -> bool:
    """Look up and count one mail more."""
    requested = store.requests.look_up(address)
    return store.requests.count(address, requested, event or a_sign_up_requested(email=address)) is not None


def test_nothing_is_known_of_an_address_that_nobody_asked_for(store: Store) -> None:
    untagged, tagged = store.requests.look_up(ADDRESS), store.requests.look_up(TAGGED)

    assert (untagged.holder, untagged.mails, untagged.tagged) == (None, MailCount(), None)
    assert (tagged.holder, tagged.mails, tagged.tagged) == (None, MailCount(), MailCount())


@pytest.mark.parametrize("event", [a_sign_up_requested(), a_sign_up_repeated()])
def test_counted_mail_has_its_event_in_the_outbox(store: Store, event: Event) -> None:
    version = store.requests.count(ADDRESS, store.requests.look_up(ADDRESS), event)

    [entry] = store.entries()
    assert (entry.event, entry.version) == (event, version)
    assert all(encode(entry.event, encoding) == encode(event, encoding) for encoding in Encoding)


def test_relay_publishes_and_clears_the_event_of_a_request(store: Store) -> None:
    event, publisher = a_sign_up_requested(), fakes.Publisher()
    count(store, ADDRESS, event)

    report = relay_outbox(store.outbox, publisher, grace=timedelta(0), budget_seconds=10, now=lambda: NOW)

    assert (report.relayed, report.remaining) == (1, 0)
    assert publisher.published == [event]


def test_mails_are_counted_one_by_one_at_the_time_of_the_look_up_in_all_spellings(store: Store) -> None:
    first = store.requests.look_up(ADDRESS)
    store.requests.count(ADDRESS, first, a_sign_up_requested())
    second = store.requests.look_up(ADDRESS.upper())
    store.requests.count(ADDRESS.upper(), second, a_sign_up_requested())

    third = store.requests.look_up(ADDRESS)

    assert [each.mails.mails for each in (first, second, third)] == [0, 1, 2]
    assert (second.mails.last_mail_at, third.mails.last_mail_at) == (first.at, second.at)
    assert len({each.mails.version for each in (first, second, third)}) == 3
    assert len(store.events()) == 2


@pytest.mark.parametrize("address", [ADDRESS, TAGGED])
def test_count_that_was_looked_up_before_another_changes_nothing(store: Store, address: str) -> None:
    for mails in (1, 2):
        earlier = store.requests.look_up(address)
        assert count(store, address)

        assert store.requests.count(address, earlier, a_sign_up_requested()) is None
        assert store.requests.look_up(address).mails.mails == mails

    assert len(store.events()) == 2


def test_tags_of_a_mailbox_share_a_count_beside_their_own(store: Store) -> None:
    count(store, TAGGED)

    other = store.requests.look_up(OTHER_TAG)
    assert other.tagged
    assert (other.mails, other.tagged.mails) == (MailCount(), 1)
    count(store, OTHER_TAG)
    again = store.requests.look_up(TAGGED)
    assert again.tagged
    assert (again.mails.mails, again.tagged.mails) == (1, 2)
    assert store.requests.look_up("ewan+news@example.org").tagged == MailCount()


def test_two_tags_at_once_count_once_and_leave_the_other_as_it_was(store: Store) -> None:
    earlier = store.requests.look_up(OTHER_TAG)
    count(store, TAGGED)

    assert store.requests.count(OTHER_TAG, earlier, a_sign_up_requested()) is None

    assert store.requests.look_up(OTHER_TAG).mails == MailCount()
    assert len(store.events()) == 1


def test_no_tag_gets_in_the_way_of_the_untagged_address(store: Store) -> None:
    earlier = store.requests.look_up(ADDRESS)
    for tag in (TAGGED, OTHER_TAG):
        count(store, tag)

    assert store.requests.count(ADDRESS, earlier, a_sign_up_requested()) is not None
    assert len(store.events()) == 3


def test_spelling_whose_mail_arrives_elsewhere_is_counted_as_a_tag_is(store: Store) -> None:
    count(store, "bo\N{LATIN SMALL LETTER LONG S}s@example.com")

    assert store.requests.look_up("Boss@example.com").mails == MailCount()
    tagged = store.requests.look_up("boss+news@example.com").tagged
    assert tagged
    assert tagged.mails == 1


def test_one_of_many_requests_at_once_is_counted(store: Store) -> None:
    looked_up = [store.requests.look_up(ADDRESS) for _ in range(20)]

    with ThreadPoolExecutor(20) as pool:
        versions = list(pool.map(lambda it: store.requests.count(ADDRESS, it, a_sign_up_requested()), looked_up))

    assert sum(version is not None for version in versions) == 1
    assert len(store.events()) == 1


def test_holder_is_found_in_all_spellings_of_the_address_as_stored(store: Store) -> None:
    holder = a_stored_user(email="Ewan@example.com")
    store.add(holder)

    assert store.requests.look_up("EWAN@example.com").holder == holder.user.id
    assert store.requests.look_up("ewan+news@example.com").holder is None
    assert store.requests.address_of(holder.user.id) == "Ewan@example.com"
    assert store.requests.address_of(a_stored_user().user.id) is None


@pytest.fixture(params=["fake", "firestore"])
def failing_requests(request: pytest.FixtureRequest) -> Requests:
    if request.param == "fake":
        return FakeRequests(is_silent=True)
    return FirestoreSignUpRequests(database_of(request.getfixturevalue("failing_firestore")))


def test_store_that_fails_is_unavailable(failing_requests: Requests) -> None:
    requested = FakeRequests().look_up(ADDRESS)

    with pytest.raises(RequestsUnavailableError):
        failing_requests.look_up(ADDRESS)
    with pytest.raises(RequestsUnavailableError):
        failing_requests.address_of(a_stored_user().user.id)
    with pytest.raises(RequestsUnavailableError):
        failing_requests.count(ADDRESS, requested, a_sign_up_requested())
