"""Each kind of redrive on the emulators, over records that the functions' own adapters have written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore import DELETE_FIELD

from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from operations.redrive.dead_letters import redrive_dead_letters
from operations.redrive.from_users import redrive_from_users
from operations.redrive.malformed import redrive_malformed
from operations.redrive.selection import Outcome, Selection
from operations.redrive.system import System
from operations.redrive.undeliverable import redrive_undeliverable
from shared.contract.delivery_state import DeliveryState
from shared.contract.outbox_entry import PUT_ID
from shared.events.codec import Encoding, encode
from shared.events.event import Event
from shared.events.message import Message
from shared.events.outbox_entry import entry_of
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import Entry
from testkit.builders import a_sign_up_repeated, a_sign_up_requested, a_stored_user, a_user_created
from testkit.database import database_of
from tests.integration.redrive.gone_wrong import SUBSCRIBER, GoneWrong

ALL = Selection(subscribers=frozenset([SUBSCRIBER]))


def test_a_dead_letter_of_a_stored_user_goes_through_the_outbox(system: System, gone_wrong: GoneWrong) -> None:
    event = gone_wrong.a_user()
    gone_wrong.a_dead_letter(event)

    [outcome] = redrive_dead_letters(system, ALL)

    assert (outcome.ids[0], outcome.left) == (event.event_id, "")
    assert gone_wrong.outbox() == [event]
    assert gone_wrong.dead_letters() == []
    assert gone_wrong.on_topic() == []


def test_a_dead_letter_of_no_stored_user_is_published_as_it_was(system: System, gone_wrong: GoneWrong) -> None:
    as_it_was = gone_wrong.a_dead_letter(a_user_created())

    list(redrive_dead_letters(system, ALL))

    assert gone_wrong.on_topic() == [as_it_was]
    assert gone_wrong.dead_letters() == []
    assert gone_wrong.outbox() == []


def test_a_dead_letter_whose_link_has_expired_is_published_too(system: System, gone_wrong: GoneWrong) -> None:
    as_it_was = gone_wrong.a_dead_letter(a_sign_up_requested())

    [outcome] = redrive_dead_letters(system, ALL)

    assert outcome.left == ""
    assert gone_wrong.on_topic() == [as_it_was]
    assert gone_wrong.dead_letters() == []


@pytest.mark.parametrize("changes", [{"event_id": "../users"}, {"user_id": "../../outbox/x"}, {"user_id": ""}])
def test_a_dead_letter_with_ids_that_name_nothing_is_published_as_it_was(
    changes: dict[str, Any], system: System, gone_wrong: GoneWrong
) -> None:
    as_it_was = gone_wrong.a_dead_letter(replace(gone_wrong.a_user(), **changes))

    [outcome] = redrive_dead_letters(system, ALL)

    assert "users" not in outcome.ids[0]
    assert gone_wrong.on_topic() == [as_it_was]
    assert gone_wrong.outbox() == []


def test_dead_letters_that_are_not_asked_for_stay(system: System, gone_wrong: GoneWrong) -> None:
    asked_for, other = gone_wrong.a_user(), gone_wrong.a_user()
    gone_wrong.a_dead_letter(asked_for)
    stays = gone_wrong.a_dead_letter(other)

    outcomes = list(redrive_dead_letters(system, replace(ALL, ids=frozenset([asked_for.event_id]))))

    assert [outcome.ids[0] for outcome in outcomes] == [asked_for.event_id]
    assert gone_wrong.outbox() == [asked_for]
    assert [letter.data for letter in gone_wrong.dead_letters()] == [stays.data]


def test_an_undeliverable_record_is_released_and_its_event_put_in_the_outbox(
    system: System, gone_wrong: GoneWrong
) -> None:
    event = gone_wrong.an_undeliverable()
    gone_wrong.a_delivery(gone_wrong.a_user(), DeliveryState.SENT)

    outcomes = list(redrive_undeliverable(system, ALL))

    assert outcomes == [Outcome((f"{SUBSCRIBER}.{event.event_id}", event.event_id))]
    assert gone_wrong.state(event.event_id) is DeliveryState.RELEASED
    assert gone_wrong.outbox() == [event]


def test_an_undeliverable_record_stays_while_its_event_waits_in_the_outbox(
    system: System, gone_wrong: GoneWrong
) -> None:
    event = gone_wrong.an_undeliverable()
    list(redrive_from_users(system, replace(ALL, subscribers=frozenset(["another_subscriber"]))))

    [outcome] = redrive_undeliverable(system, ALL)

    assert "waiting in the outbox" in outcome.left
    assert gone_wrong.state(event.event_id) is DeliveryState.UNDELIVERABLE


@pytest.mark.parametrize("event", [a_user_created(), a_sign_up_repeated()])
def test_an_undeliverable_record_without_a_user_is_left(event: Event, system: System, gone_wrong: GoneWrong) -> None:
    record_id = gone_wrong.a_delivery(event, DeliveryState.UNDELIVERABLE)

    [outcome] = redrive_undeliverable(system, ALL)

    assert (outcome.ids[0], outcome.left) == (record_id, "no stored user has this event")


@pytest.mark.parametrize(
    ("code", "why"), [("link_expired", "its link has expired"), ("rcpt_550", "no stored user has this event")]
)
def test_an_undeliverable_request_of_a_link_is_left_and_says_what_to_do(
    code: str, why: str, system: System, gone_wrong: GoneWrong
) -> None:
    event = a_sign_up_requested(email="ewan@canary.example")
    record_id = gone_wrong.a_delivery(event, DeliveryState.UNDELIVERABLE, last_error=code)

    [outcome] = redrive_undeliverable(system, ALL)

    assert outcome == Outcome((record_id, event.event_id), f"{why}: the person can request another link")
    assert gone_wrong.state(event.event_id) is DeliveryState.UNDELIVERABLE
    assert gone_wrong.outbox() == []


def test_an_event_that_is_made_again_of_a_user_from_before_proofs_says_that_there_was_none(
    system: System, gone_wrong: GoneWrong
) -> None:
    event = gone_wrong.a_user()
    system.firestore.document("users", event.user_id).update({"email_verified": DELETE_FIELD})

    list(redrive_from_users(system, ALL))

    assert gone_wrong.outbox() == [replace(event, email_verified=False)]


def test_an_undeliverable_record_of_before_records_named_users_is_put_back_where_a_user_names_its_event(
    system: System, gone_wrong: GoneWrong
) -> None:
    signed_up, reminded = gone_wrong.a_user(), gone_wrong.a_reminder()
    for event in (signed_up, reminded):
        gone_wrong.an_old_delivery(event, DeliveryState.UNDELIVERABLE)

    outcomes = {outcome.ids[-1]: outcome.left for outcome in redrive_undeliverable(system, ALL)}

    reason = "no stored user has this event, and the record does not name one"
    assert outcomes == {signed_up.event_id: "", reminded.event_id: reason}
    assert gone_wrong.outbox() == [signed_up]
    assert gone_wrong.state(reminded.event_id) is DeliveryState.UNDELIVERABLE


def test_an_undeliverable_reminder_goes_to_the_address_that_its_user_has_now(
    system: System, gone_wrong: GoneWrong
) -> None:
    event = gone_wrong.a_reminder(age=timedelta(days=30))
    gone_wrong.a_delivery(event, DeliveryState.UNDELIVERABLE)
    system.firestore.document("users", event.user_id).update({"email": "new@canary.example"})

    list(redrive_undeliverable(system, ALL))

    assert gone_wrong.state(event.event_id) is DeliveryState.RELEASED
    assert gone_wrong.outbox() == [replace(event, email="new@canary.example")]


@pytest.mark.parametrize("kind", ["dead letter", "undeliverable", "undeliverable reminder", "from users"])
def test_outbox_entries_are_as_create_user_leaves_them(kind: str, system: System, gone_wrong: GoneWrong) -> None:
    event = gone_wrong.a_reminder() if kind == "undeliverable reminder" else gone_wrong.a_user()
    match kind:
        case "dead letter":
            gone_wrong.a_dead_letter(event)
            list(redrive_dead_letters(system, ALL))
        case "from users":
            list(redrive_from_users(system, ALL))
        case _:
            gone_wrong.a_delivery(event, DeliveryState.UNDELIVERABLE)
            list(redrive_undeliverable(system, ALL))

    [entry] = gone_wrong.outbox_entries()
    assert entry
    assert entry == entry_of(event) | {PUT_ID: entry[PUT_ID]}
    assert gone_wrong.outbox() == [event]


@pytest.mark.parametrize("clears", ["request", "repeat", "relay"])
def test_event_that_was_put_back_is_not_cleared_by_who_published_an_earlier_entry(
    clears: str, system: System, gone_wrong: GoneWrong
) -> None:
    users, outbox = FirestoreUsers(database_of(system.firestore)), FirestoreOutbox(database_of(system.firestore))
    stored = a_stored_user()
    event = user_created(stored.user, traceparent="")
    added = Entry(event, users.add(stored, event))
    [[read]] = outbox.pages()
    outbox.clear(read)  # it was published, and refused:
    gone_wrong.a_delivery(event, DeliveryState.UNDELIVERABLE)
    list(redrive_undeliverable(system, ALL))
    found = users.look_up(stored.user.id, stored.user.email).stored
    assert found

    outbox.clear({"request": added, "relay": read, "repeat": Entry(event, found[1])}[clears])

    assert gone_wrong.outbox() == [event]


def test_records_of_other_subscribers_are_not_touched(system: System, gone_wrong: GoneWrong) -> None:
    event = gone_wrong.an_undeliverable()

    outcomes = list(redrive_undeliverable(system, replace(ALL, subscribers=frozenset(["another_subscriber"]))))

    assert outcomes == []
    assert gone_wrong.state(event.event_id) is DeliveryState.UNDELIVERABLE


@pytest.mark.parametrize("id_of", [lambda event_id: event_id, lambda event_id: f"{SUBSCRIBER}.{event_id}"])
def test_an_undeliverable_record_is_found_by_its_own_id_and_by_its_events(
    id_of: Callable[[str], str], system: System, gone_wrong: GoneWrong
) -> None:
    asked_for, other = gone_wrong.an_undeliverable(), gone_wrong.an_undeliverable()

    list(redrive_undeliverable(system, replace(ALL, ids=frozenset([id_of(asked_for.event_id)]))))

    assert gone_wrong.state(asked_for.event_id) is DeliveryState.RELEASED
    assert gone_wrong.state(other.event_id) is DeliveryState.UNDELIVERABLE


def test_a_malformed_event_is_published_as_it_came_and_its_record_deleted(
    system: System, gone_wrong: GoneWrong
) -> None:
    as_it_came = Message(b"\xff no JSON", {"ce-type": "user.created", "own": "ä"})
    record_id = gone_wrong.a_malformed_event(as_it_came)

    outcomes = list(redrive_malformed(system, ALL))

    assert outcomes == [Outcome((record_id,))]
    assert gone_wrong.on_topic() == [as_it_came]
    assert gone_wrong.malformed_events() == []


@pytest.mark.parametrize("message", [Message(b"x" * (256 * 1024 + 1), {}), Message(b"x", {"long": "x" * 256 * 1024})])
def test_a_malformed_event_that_was_truncated_is_left(message: Message, system: System, gone_wrong: GoneWrong) -> None:
    record_id = gone_wrong.a_malformed_event(message)

    [outcome] = redrive_malformed(system, ALL)

    assert "truncated" in outcome.left
    assert gone_wrong.malformed_events() == [record_id]


@pytest.mark.pubsub
def test_a_malformed_event_that_pubsub_refuses_is_left(system: System, gone_wrong: GoneWrong) -> None:
    record_id = gone_wrong.a_malformed_event(Message(b"", {}))

    [outcome] = redrive_malformed(system, ALL)

    assert outcome.left
    assert gone_wrong.malformed_events() == [record_id]


def test_from_users_puts_back_what_some_subscriber_has_not_finished_with(system: System, gone_wrong: GoneWrong) -> None:
    never_met = gone_wrong.a_user()
    released, sending, sent, refused = (gone_wrong.a_user() for _ in range(4))
    gone_wrong.a_delivery(released, DeliveryState.RELEASED)
    gone_wrong.a_delivery(sending, DeliveryState.SENDING)
    gone_wrong.a_delivery(sent, DeliveryState.SENT)
    gone_wrong.a_delivery(refused, DeliveryState.UNDELIVERABLE)

    outcomes = list(redrive_from_users(system, ALL))

    put_back = sorted(event.event_id for event in (never_met, released, sending))
    assert sorted(outcome.ids[0] for outcome in outcomes) == put_back
    assert sorted(event.event_id for event in gone_wrong.outbox()) == put_back


def test_an_event_counts_as_unfinished_until_every_subscriber_has_finished(
    system: System, gone_wrong: GoneWrong
) -> None:
    half_done, done = gone_wrong.a_user(), gone_wrong.a_user()
    for event, subscriber in ((half_done, SUBSCRIBER), (done, SUBSCRIBER), (done, "notify_admin")):
        gone_wrong.a_delivery(event, DeliveryState.SENT, subscriber)

    outcomes = list(redrive_from_users(system, replace(ALL, subscribers=frozenset([SUBSCRIBER, "notify_admin"]))))

    assert outcomes == [Outcome((half_done.event_id,))]


def test_from_users_puts_back_the_event_asked_for_and_no_other(system: System, gone_wrong: GoneWrong) -> None:
    asked_for, _ = gone_wrong.a_user(), gone_wrong.a_user()
    unknown = a_user_created().event_id

    outcomes = list(redrive_from_users(system, replace(ALL, ids=frozenset([asked_for.event_id, unknown]))))

    assert outcomes == [Outcome((asked_for.event_id,))]
    assert gone_wrong.outbox() == [asked_for]


def test_from_users_reads_more_than_one_page(system: System, gone_wrong: GoneWrong) -> None:
    events = [gone_wrong.a_user() for _ in range(201)]

    list(redrive_from_users(system, ALL))

    assert sorted(event.event_id for event in gone_wrong.outbox()) == sorted(event.event_id for event in events)


def test_a_dry_run_shows_everything_and_changes_nothing(system: System, gone_wrong: GoneWrong) -> None:
    dead, refused, lost = gone_wrong.a_user(), gone_wrong.an_undeliverable(), gone_wrong.a_user()
    gone_wrong.a_dead_letter(dead)
    malformed = gone_wrong.a_malformed_event(encode(a_user_created(), Encoding.PROTOBUF))
    dry_run = replace(ALL, dry_run=True)

    kinds = (redrive_dead_letters, redrive_undeliverable, redrive_malformed, redrive_from_users)
    shown = {
        outcome.ids[-1 if kind is redrive_undeliverable else 0] for kind in kinds for outcome in kind(system, dry_run)
    }

    assert shown == {dead.event_id, refused.event_id, malformed, lost.event_id}
    assert len(gone_wrong.dead_letters()) == 1
    assert gone_wrong.state(refused.event_id) is DeliveryState.UNDELIVERABLE
    assert gone_wrong.malformed_events() == [malformed]
    assert gone_wrong.outbox() == []
    assert gone_wrong.on_topic() == []


def test_users_whose_records_may_have_expired_are_put_back_only_by_name(system: System, gone_wrong: GoneWrong) -> None:
    old, recent = gone_wrong.a_user(age=timedelta(days=81)), gone_wrong.a_user(age=timedelta(days=79))

    all_of_them = [outcome.ids[0] for outcome in redrive_from_users(system, ALL)]
    named = [outcome.ids[0] for outcome in redrive_from_users(system, replace(ALL, ids=frozenset([old.event_id])))]

    assert (all_of_them, named) == ([recent.event_id], [old.event_id])
