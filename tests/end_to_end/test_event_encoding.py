"""The events' encoding, on the wire and through to the mail; and what was published before it was changed."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from google.cloud.firestore import Client

from shared.events.codec import Encoding, encode
from shared.events.message import Message
from testkit.inbox import Inbox
from testkit.pushing import an_event
from testkit.relaying import relay
from testkit.running_function import RunFunction
from testkit.signing_up import TRACE_ID, an_address, members, sign_up
from testkit.sms_inbox import SmsInbox
from testkit.stack import LocalStack

Published = Callable[[], list[Message]]
NOBODY = "127.0.0.1:1"


@pytest.mark.parametrize("encoding", Encoding)
def test_event_in_the_encoding_that_is_set_becomes_a_mail_and_an_sms(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    encoding: Encoding,
    published: Published,
    inbox: Inbox,
    sms_inbox: SmsInbox,
) -> None:
    project, address = firestore_client.project, an_address()
    notify_admin = run_function("notify_admin")
    stack.push_events_of(project)
    stack.push_events_of(project, notify_admin.url, subscription="notify-admin")

    user = sign_up(run_function("create_user", EVENT_ENCODING=encoding).url, members(email=address)).json()

    mail, sms = inbox.wait_for_mail_to(address), sms_inbox.wait_for_sms_about(user["id"])
    [message] = [each for each in published() if each.attributes["ce-subject"] == user["id"]]
    assert message.attributes["Content-Type"] == f"application/{encoding}"
    assert message.attributes["ce-type"] == "user.created"
    assert mail["Message-ID"] == f"<{message.attributes['ce-id']}@usher.example>"
    assert mail["X-Trace-Id"] == sms["traceparent"].split("-")[1] == TRACE_ID
    assert b"$2b$" not in message.data
    assert b"tractor" not in message.data  # a word of the password


@pytest.mark.parametrize(("old", "encoding"), [(Encoding.PROTOBUF, Encoding.JSON), (Encoding.JSON, Encoding.PROTOBUF)])
def test_event_in_the_outbox_is_published_in_the_encoding_of_now(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    old: Encoding,
    encoding: Encoding,
    published: Published,
    inbox: Inbox,
) -> None:
    stack.push_events_of(firestore_client.project)
    address = an_address()
    cut_off = run_function("create_user", EVENT_ENCODING=old, **stack.broker.settings_at(NOBODY))
    sign_up(cut_off.url, members(email=address))

    relay(run_function("relay_outbox", EVENT_ENCODING=encoding, OUTBOX_GRACE_SECONDS="0").url)

    inbox.wait_for_mail_to(address)
    assert [message.attributes["Content-Type"] for message in published()] == [f"application/{encoding}"]


def test_backlog_in_both_encodings_becomes_mails(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    published: Published,
    inbox: Inbox,
) -> None:
    stack.push_events_of(firestore_client.project, f"http://{NOBODY}/")
    addresses = {each: an_address() for each in Encoding}
    for each, address in addresses.items():
        sign_up(run_function("create_user", EVENT_ENCODING=each).url, members(email=address))

    stack.push_events_of(firestore_client.project)

    for address in addresses.values():
        inbox.wait_for_mail_to(address)
    assert {message.attributes["Content-Type"] for message in published()} == {
        "application/json",
        "application/protobuf",
    }


def test_dead_letter_from_before_the_change_becomes_a_mail_once_it_is_redriven(
    stack: LocalStack, firestore_client: Client, published: Published, inbox: Inbox
) -> None:
    project, event = firestore_client.project, an_event()
    stack.push_events_of(project)
    message = encode(event, Encoding.PROTOBUF)
    stack.broker.publish(project, message, topic="user.created.dead-letter")

    command = [sys.executable, "-m", "emulator", "redrive", "--base-port", str(stack.ports.base)]
    environment = {**os.environ, **stack.environment, "GOOGLE_CLOUD_PROJECT": project}
    subprocess.run(command, cwd=stack.root, env=environment, capture_output=True, check=True)

    inbox.wait_for_mail_to(event.email)
    assert published() == [message]
