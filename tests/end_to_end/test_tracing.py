"""One trace leads from a request to its mail and its SMS, past everything in between."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from google.cloud.firestore import Client

from shared.events.message import Message
from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.relaying import relay
from testkit.running_function import RunFunction, RunningFunction
from testkit.signing_up import TRACE_ID, an_address, members, sign_up
from testkit.sms_inbox import SmsInbox
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

Lines = list[dict[str, Any]]


@pytest.mark.parametrize("is_cut_off", [False, True], ids=["published", "left to the relay"])
def test_trace_of_a_request_leads_through_every_function_to_the_mail_and_the_sms(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    broker_proxy: TcpProxy,
    published: Callable[[], list[Message]],
    inbox: Inbox,
    sms_inbox: SmsInbox,
    *,
    is_cut_off: bool,
) -> None:
    through_proxy = stack.broker.settings_at(broker_proxy.address)
    create_user = run_function("create_user", **through_proxy)
    relay_outbox = run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0", **through_proxy)
    send_email, notify_admin = run_function("send_email"), run_function("notify_admin")
    stack.push_events_of(firestore_client.project, send_email.url)
    stack.push_events_of(firestore_client.project, notify_admin.url, subscription="notify-admin")
    address = an_address()

    if is_cut_off:
        broker_proxy.refuse()
    user_id = sign_up(create_user.url, members(email=address)).json()["id"]
    broker_proxy.forward()
    relay(relay_outbox.url)

    mail, sms = inbox.wait_for_mail_to(address), sms_inbox.wait_for_sms_about(user_id)
    [event] = published()
    assert eventually(lambda: lines_about(user_id, send_email) and lines_about(user_id, notify_admin))
    lines = lines_about(user_id, create_user, relay_outbox, send_email, notify_admin)
    left, relayed = (["event_left_to_relay"], ["event_relayed"]) if is_cut_off else ([], [])
    assert [line["message"] for line in lines] == [*left, "user_registered", *relayed, "mail_sent", "sms_sent"]
    trace = f"projects/{firestore_client.project}/traces/{TRACE_ID}"
    assert {line["logging.googleapis.com/trace"] for line in lines} == {trace}
    assert {line["event_id"] for line in lines} == {event.attributes["ce-id"]}
    assert event.attributes["ce-subject"] == user_id
    assert mail["X-Trace-Id"] == TRACE_ID
    assert trace_of(event.attributes["traceparent"]) == trace_of(sms["traceparent"]) == TRACE_ID
    [run] = [line for line in lines_of(relay_outbox) if line["message"] == "outbox_relayed"]
    assert run["logging.googleapis.com/trace"] not in {"", trace}  # the run has a trace of its own


def lines_about(user_id: str, *functions: RunningFunction) -> Lines:
    """What the functions have logged of the user, function by function."""
    return [line for function in functions for line in lines_of(function) if line.get("user_id") == user_id]


def lines_of(function: RunningFunction) -> Lines:
    return [json.loads(line) for line in function.log_lines()]


def trace_of(traceparent: str) -> str:
    return traceparent.split("-")[1]
