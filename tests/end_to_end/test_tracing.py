"""One trace leads from a request to its mail, past everything in between."""

import json
from collections.abc import Callable
from typing import Any

from google.cloud.firestore import Client

from shared.events.codec import Message
from tests.inbox import Inbox
from tests.relaying import relay
from tests.running_function import RunFunction, RunningFunction
from tests.signing_up import TRACE_ID, an_address, members, sign_up
from tests.stack import LocalStack
from tests.waiting import eventually

NOBODY = "127.0.0.1:1"


def test_trace_of_a_request_leads_through_the_event_to_the_mail(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    published: Callable[[], list[Message]],
    inbox: Inbox,
) -> None:
    create_user, send_email = run_function("create_user"), run_function("send_email")
    stack.push_events_of(firestore_client.project, send_email.url)
    address = an_address()

    sign_up(create_user.url, members(email=address))

    mail = inbox.wait_for_mail_to(address)
    [event] = published()
    assert eventually(lambda: "mail_sent" in traces(send_email))
    trace = f"projects/{firestore_client.project}/traces/{TRACE_ID}"
    assert traces(create_user) == {"user_registered": trace}
    assert event.attributes["traceparent"].split("-")[1] == TRACE_ID
    assert traces(send_email) == {"mail_sent": trace}
    assert mail["X-Trace-Id"] == TRACE_ID


def test_trace_of_a_request_whose_event_was_left_to_the_relay_leads_to_the_mail(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    published: Callable[[], list[Message]],
    inbox: Inbox,
) -> None:
    create_user = run_function("create_user", PUBSUB_EMULATOR_HOST=NOBODY)
    relay_outbox = run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0")
    stack.push_events_of(firestore_client.project)
    address = an_address()

    sign_up(create_user.url, members(email=address))
    relay(relay_outbox.url)

    mail = inbox.wait_for_mail_to(address)
    [event] = published()
    trace = f"projects/{firestore_client.project}/traces/{TRACE_ID}"
    assert traces(create_user) == {"event_left_to_relay": trace, "user_registered": trace}
    assert traces(relay_outbox)["event_relayed"] == trace
    assert traces(relay_outbox)["outbox_relayed"] not in {None, trace}  # the run has a trace of its own
    assert event.attributes["traceparent"].split("-")[1] == TRACE_ID
    assert mail["X-Trace-Id"] == TRACE_ID


def traces(function: RunningFunction) -> dict[str, str | None]:
    """The trace of each line that the function has logged, by message, since it was asked whether it is ready."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in function.log_lines()]
    return {
        line["message"]: line.get("logging.googleapis.com/trace")
        for line in lines
        if line["message"] != "request_rejected"
    }
