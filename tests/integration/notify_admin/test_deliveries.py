"""What is notify_admin's own; how it delivers once it shares with send_email."""

from typing import Any
from uuid import uuid4

import pytest
from google.cloud.firestore import Client

from shared.events.message import Message
from shared.events.user_created import UserCreated
from testkit.pushing import an_event, push, push_as_eventarc, push_message
from testkit.running_function import RunFunction
from testkit.sms_inbox import SmsInbox
from testkit.stack import LocalStack


def test_pushed_event_becomes_one_sms_however_often_and_however_it_is_pushed(
    stack: LocalStack, stack_firestore: Client, sms_inbox: SmsInbox
) -> None:
    event = an_event()

    responses = [each(stack.notify_admin_url, event) for each in (push, push, push_as_eventarc)]

    assert [response.status_code for response in responses] == [200, 200, 200]
    sms = sms_inbox.wait_for_sms_about(event.user_id)
    assert sms["body"] == f"A new user signed up for Usher: {event.user_id}"
    assert sms["traceparent"] == event.traceparent
    assert record_of(event, stack_firestore)["state"] == "sent"


def test_user_s_name_is_texted_where_the_admin_wants_it(run_function: RunFunction, sms_inbox: SmsInbox) -> None:
    event = an_event()
    notify_admin = run_function("notify_admin", SMS_CONTENT="name-and-email", PRODUCT_NAME="Canary & Co")

    push(notify_admin.url, event)

    [sms] = sms_inbox.about(event.user_id)
    assert sms["body"] == f"A new user signed up for Canary & Co: {event.name} <{event.email}>, {event.user_id}"


def test_malformed_event_is_recorded_and_acknowledged(stack: LocalStack, stack_firestore: Client) -> None:
    poison = Message(uuid4().bytes, {"ce-type": "user.created"})

    response = push_message(stack.notify_admin_url, poison)

    recorded = [each.to_dict() or {} for each in stack_firestore.collection("malformed_events").get()]
    assert response.status_code == 200
    assert [each["subscriber"] for each in recorded if each["data"] == poison.data] == ["notify_admin"]


@pytest.mark.parametrize(
    ("settings", "status", "state", "error"),
    [
        ({"PRODUCT_NAME": "x" * 1600}, 200, "undeliverable", "twilio_21617"),
        ({"SMS_TO": "+15005550001"}, 503, "released", "twilio_21211"),
    ],
)
def test_what_the_service_refuses_is_recorded_and_only_our_own_faults_are_tried_again(
    run_function: RunFunction, firestore_client: Client, settings: dict[str, str], status: int, state: str, error: str
) -> None:
    event = an_event()
    notify_admin = run_function("notify_admin", **settings)

    response = push(notify_admin.url, event)

    record = record_of(event, firestore_client)
    assert response.status_code == status
    assert [record[field] for field in ("state", "last_error", "unknown_outcomes")] == [state, error, 0]


def record_of(event: UserCreated, firestore: Client) -> dict[str, Any]:
    return firestore.document("deliveries", f"notify_admin.{event.event_id}").get().to_dict() or {}
