from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore import Client

from operations.redrive.stored_users import put_in_outbox
from shared.events.codec import Encoding, encode
from shared.events.event import Event, EventId
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import Entry, EntryVersion, Outbox, OutboxUnavailableError
from testkit import fakes
from testkit.builders import a_user_created
from testkit.database import database_of
from testkit.polling import eventually
from tests.unit.shared.events import EVENT, EVENTS

Filled = Callable[[list[Event]], Outbox]
Puts = tuple[Outbox, Callable[[Event], object]]
AN_ENTRY = Entry(a_user_created(), EntryVersion(DatetimeWithNanoseconds(2026, 1, 1, tzinfo=UTC)))  # type: ignore[no-untyped-call]  # its gap
MANY = 1240  # more than Firestore is asked for at once, and no multiple of a page
ODD_IDS = ("00", "0", "7f", "7f0", "80", "ff", "fff", "7F", "ZZZ", "-", "~", "é", "\N{GRINNING FACE}", "__a", "a b.c")


@pytest.fixture(params=["fake", "firestore"])
def filled(request: pytest.FixtureRequest) -> Filled:
    """Makes an outbox of events."""
    if request.param == "fake":
        return lambda events: fakes.outbox_of(*events)
    client: Client = request.getfixturevalue("firestore_client")

    def fill(events: list[Event]) -> Outbox:
        batch = client.batch()
        for event in events:
            batch.create(client.document("outbox", event.event_id), asdict(event))
        batch.commit()
        return FirestoreOutbox(database_of(client))

    return fill


@pytest.fixture(params=["fake", "firestore"])
def failing_outbox(request: pytest.FixtureRequest) -> Outbox:
    if request.param == "fake":
        return fakes.outbox_of(a_user_created(), is_down=True)
    return FirestoreOutbox(database_of(request.getfixturevalue("failing_firestore")))


@pytest.fixture(params=["fake", "firestore"])
def outbox_with_puts(request: pytest.FixtureRequest) -> Puts:
    """An outbox, and how a redrive puts an event into it."""
    if request.param == "fake":
        outbox = fakes.Outbox()
        return outbox, outbox.put
    client: Client = request.getfixturevalue("firestore_client")
    return FirestoreOutbox(database_of(client)), lambda event: put_in_outbox(client, [event])


def entries_of(outbox: Outbox) -> list[Entry]:
    return list(chain.from_iterable(outbox.pages()))


def events_of(outbox: Outbox) -> list[Event]:
    return [entry.event for entry in entries_of(outbox)]


def by_id(event: Event) -> str:
    return event.event_id


def test_all_events_are_found_over_more_than_one_page_and_query(filled: Filled) -> None:
    """Whatever their ids begin with: entries may have been put there by hand."""
    events: list[Event] = [a_user_created() for _ in range(MANY)]
    events += [a_user_created(event_id=EventId(odd)) for odd in ODD_IDS]

    outbox = filled(events)

    assert len(list(outbox.pages())) > 1
    assert sorted(events_of(outbox), key=by_id) == sorted(events, key=by_id)
    assert outbox.count() == len(events)


def test_empty_outbox_has_no_events(filled: Filled) -> None:
    outbox = filled([])

    assert (events_of(outbox), outbox.count()) == ([], 0)


@pytest.mark.parametrize("event", EVENTS)
def test_event_that_waited_is_published_as_it_would_have_been(outbox_with_puts: Puts, event: Event) -> None:
    outbox, put = outbox_with_puts
    put(event)

    (found,) = events_of(outbox)

    for encoding in Encoding:
        assert encode(found, encoding) == encode(event, encoding)


def test_cleared_event_is_gone(filled: Filled) -> None:
    outbox = filled([a_user_created(), a_user_created()])
    cleared, kept = entries_of(outbox)

    outbox.clear(cleared)

    assert (events_of(outbox), outbox.count()) == ([kept.event], 1)


def test_event_that_another_cleared_may_be_cleared_again(filled: Filled) -> None:
    outbox = filled([a_user_created()])
    (entry,) = entries_of(outbox)

    outbox.clear(entry)
    outbox.clear(entry)

    assert outbox.count() == 0


def test_entry_that_was_put_there_since_is_not_cleared(outbox_with_puts: Puts) -> None:
    outbox, put = outbox_with_puts
    put(event := a_user_created())
    (earlier,) = entries_of(outbox)
    put(event)

    outbox.clear(earlier)

    (entry,) = entries_of(outbox)
    assert (entry.event, entry.version != earlier.version) == (event, True)
    outbox.clear(entry)
    assert outbox.count() == 0


def test_write_that_changes_nothing_leaves_the_version_as_it_was(firestore_client: Client) -> None:
    """Why each put has an id of its own."""
    event = a_user_created()
    versions = []
    for _ in range(2):
        firestore_client.document("outbox", event.event_id).set(asdict(event))
        (entry,) = entries_of(FirestoreOutbox(database_of(firestore_client)))
        versions.append(entry.version)

    assert len(set(versions)) == 1


def test_age_of_an_entry_is_counted_on_the_stores_clock(firestore_client: Client) -> None:
    event = a_user_created(occurred_at=datetime.now(UTC) + timedelta(days=1))  # of an instance whose clock is ahead
    put_in_outbox(firestore_client, [event])
    outbox = FirestoreOutbox(database_of(firestore_client))
    (young,) = entries_of(outbox)

    assert eventually(lambda: entries_of(outbox)[0].age_seconds > young.age_seconds)
    assert 0 <= young.age_seconds < 60


def test_pages_go_on_while_events_are_cleared(filled: Filled) -> None:
    outbox = filled([a_user_created() for _ in range(MANY)])

    for page in outbox.pages():
        for entry in page:
            outbox.clear(entry)

    assert outbox.count() == 0


def test_store_that_fails_is_unavailable(failing_outbox: Outbox) -> None:
    with pytest.raises(OutboxUnavailableError):
        list(failing_outbox.pages())
    with pytest.raises(OutboxUnavailableError):
        failing_outbox.clear(AN_ENTRY)
    with pytest.raises(OutboxUnavailableError):
        failing_outbox.count()


def test_field_of_a_later_version_is_ignored(firestore_client: Client) -> None:
    event = a_user_created()
    firestore_client.document("outbox", event.event_id).create(asdict(event) | {"plan": "gold"})

    assert events_of(FirestoreOutbox(database_of(firestore_client))) == [event]


def test_entry_of_before_proofs_is_an_event_whose_address_was_not_proved(firestore_client: Client) -> None:
    entry = {name: value for name, value in asdict(EVENT).items() if name != "email_verified"}
    firestore_client.document("outbox", EVENT.event_id).create(entry)

    assert events_of(FirestoreOutbox(database_of(firestore_client))) == [replace(EVENT, email_verified=False)]


GOOD = asdict(a_user_created())


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"name": "Ewan"},
        GOOD | {"occurred_at": "yesterday"},
        GOOD | {"name": 5},
        GOOD | {"email": None},
        GOOD | {"traceparent": 5},
        GOOD | {"occurred_at": "2026-11-24T12:00:00"},
        GOOD | {"event_id": "a/b"},
        GOOD | {"event_id": ""},
        GOOD | {"type": "user.exploded"},
        GOOD | {"type": ["user.created"]},
    ],
)
def test_entry_that_cannot_be_read_is_skipped_and_stays(
    firestore_client: Client, entry: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    firestore_client.document("outbox", GOOD["event_id"]).create(entry)
    event = a_user_created()
    firestore_client.document("outbox", event.event_id).create(asdict(event))
    outbox = FirestoreOutbox(database_of(firestore_client))

    assert events_of(outbox) == [event]
    assert outbox.count() == 2
    assert caplog.messages == ["outbox_entry_unreadable"]
