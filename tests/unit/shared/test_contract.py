"""What is stored and logged keeps its names: documents, alerts and queries of operators hold them too."""

import pytest

from blueprint.topology import read_topology
from scripts.check_names import COLLECTIONS, holds_a_name
from shared.contract import outbox_entry
from shared.contract.delivery_state import FINISHED, DeliveryState
from shared.contract.documents import delivery_id, parts_of_delivery_id
from shared.contract.log_events import EffectOutcome, LogEvent
from shared.events.outbox_entry import entry_of
from testkit.builders import a_user_created


def test_collections_keep_their_names() -> None:
    assert {
        *("users", "email_reservations", "outbox", "sign_up_requests", "tagged_sign_up_requests"),
        *("deliveries", "malformed_events"),
    } == COLLECTIONS


def test_delivery_record_is_named_after_its_subscriber_and_event() -> None:
    assert delivery_id("send_email", "e1") == "send_email.e1"
    assert parts_of_delivery_id("send_email.e1") == ("send_email", "e1")


def test_states_of_a_delivery_keep_their_names() -> None:
    assert {*DeliveryState} == {"sending", "released", "sent", "undeliverable"}
    assert {*FINISHED} == {"sent", "undeliverable"}


def test_outbox_entry_holds_the_event_and_its_type() -> None:
    event = a_user_created()

    entry = entry_of(event)

    of_the_event = ["event_id", "user_id", "email", "occurred_at", "traceparent", "name", "company", "email_verified"]
    assert [*entry] == [*of_the_event, "type", "put_id"]
    assert entry_of(event) | {"put_id": entry["put_id"]} == entry != entry_of(event)
    assert [entry[each] for each in (outbox_entry.TYPE, outbox_entry.USER_ID)] == ["user.created", event.user_id]


def test_log_events_keep_their_names() -> None:
    assert {*LogEvent} == {
        *("user_registered", "sign_up_requested", "sign_up_request_silenced", "reservation_without_user"),
        *("request_rejected", "request_failed"),
        *("event_left_to_relay", "event_relayed", "event_not_relayed", "event_refused"),
        *("outbox_relayed", "outbox_entry_unreadable", "promises_audited"),
        *("delivery_taken_over", "delivery_already_finished"),
        *("event_not_acknowledged", "event_rejected", "event_failed"),
        *("push_not_acknowledged", "event_dead_lettered", "dead_letter_not_stored"),
        *("broker_unavailable", "broker_available", "pusher_failed"),
    }
    assert [outcome.of("mail") for outcome in EffectOutcome] == ["mail_sent", "mail_retried", "mail_refused"]


def test_topology_names_fields_of_known_collections() -> None:
    firestore = read_topology().firestore

    assert {name.partition(".")[0] for name in firestore.expiring + firestore.not_indexed} <= COLLECTIONS


@pytest.mark.parametrize("text", ["outbox", "users/", "/documents/deliveries/x", '"user_registered"'])
def test_retyped_name_is_found(text: str) -> None:
    assert holds_a_name(text)


@pytest.mark.parametrize(
    "text", ["the outbox", "/api/journeys", "user.created", "registered", "user.sign_up_requested"]
)
def test_other_text_is_not_a_name(text: str) -> None:
    assert not holds_a_name(text)
