from collections.abc import Callable
from dataclasses import asdict
from itertools import chain

import pytest
from google.cloud.firestore import Client

from shared.events.codec import Encoding, encode
from shared.events.event import Event, EventId
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import Outbox, OutboxUnavailableError
from testkit import fakes
from testkit.builders import a_user_created

Filled = Callable[[list[Event]], Outbox]
MANY = 620  # more than Firestore is asked for at once, and no multiple of a page


@pytest.fixture(params=["fake", "firestore"])
def filled(request: pytest.FixtureRequest) -> Filled:
    """Makes an outbox of events."""
    if request.param == "fake":
        return lambda events: fakes.Outbox({event.event_id: event for event in events})
    client: Client = request.getfixturevalue("firestore_client")

    def fill(events: list[Event]) -> Outbox:
        batch = client.batch()
        for event in events:
            batch.create(client.document("outbox", event.event_id), asdict(event))
        batch.commit()
        return FirestoreOutbox(client)

    return fill


@pytest.fixture(params=["fake", "firestore"])
def failing_outbox(request: pytest.FixtureRequest) -> Outbox:
    if request.param == "fake":
        return fakes.Outbox({EventId("any"): a_user_created()}, is_down=True)
    return FirestoreOutbox(request.getfixturevalue("failing_firestore"))


def events_of(outbox: Outbox) -> list[Event]:
    return list(chain.from_iterable(outbox.pages()))


def by_id(event: Event) -> str:
    return event.event_id


def test_all_events_are_found_over_more_than_one_page_and_query(filled: Filled) -> None:
    events: list[Event] = [a_user_created() for _ in range(MANY)]

    outbox = filled(events)

    assert len(list(outbox.pages())) > 1
    assert sorted(events_of(outbox), key=by_id) == sorted(events, key=by_id)
    assert outbox.count() == MANY


def test_empty_outbox_has_no_events(filled: Filled) -> None:
    outbox = filled([])

    assert (events_of(outbox), outbox.count()) == ([], 0)


def test_event_that_waited_is_published_as_it_would_have_been(filled: Filled) -> None:
    event = a_user_created(name="Jürgen", company="Acme")

    (found,) = events_of(filled([event]))

    for encoding in Encoding:
        assert encode(found, encoding) == encode(event, encoding)


def test_cleared_event_is_gone(filled: Filled) -> None:
    cleared, kept = a_user_created(), a_user_created()
    outbox = filled([cleared, kept])

    outbox.clear(cleared.event_id)

    assert (events_of(outbox), outbox.count()) == ([kept], 1)


def test_event_that_another_cleared_may_be_cleared_again(filled: Filled) -> None:
    event = a_user_created()
    outbox = filled([event])

    outbox.clear(event.event_id)
    outbox.clear(event.event_id)

    assert outbox.count() == 0


def test_pages_go_on_while_events_are_cleared(filled: Filled) -> None:
    outbox = filled([a_user_created() for _ in range(MANY)])

    for page in outbox.pages():
        for event in page:
            outbox.clear(event.event_id)

    assert outbox.count() == 0


def test_store_that_fails_is_unavailable(failing_outbox: Outbox) -> None:
    with pytest.raises(OutboxUnavailableError):
        list(failing_outbox.pages())
    with pytest.raises(OutboxUnavailableError):
        failing_outbox.clear(EventId("any"))
    with pytest.raises(OutboxUnavailableError):
        failing_outbox.count()


def test_field_of_a_later_version_is_ignored(firestore_client: Client) -> None:
    event = a_user_created()
    firestore_client.document("outbox", event.event_id).create(asdict(event) | {"plan": "gold"})

    assert events_of(FirestoreOutbox(firestore_client)) == [event]


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
    outbox = FirestoreOutbox(firestore_client)

    assert events_of(outbox) == [event]
    assert outbox.count() == 2
    assert caplog.messages == ["outbox_entry_unreadable"]
