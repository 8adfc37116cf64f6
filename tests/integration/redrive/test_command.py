"""The command as an operator runs it, up to the mail that arrives after all."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from google.cloud.firestore import Client

from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from operations.redrive.from_users import redrive_from_users
from operations.redrive.selection import Selection
from operations.redrive.system import System
from shared.events.codec import Encoding, encode
from testkit.builders import TRACEPARENT, a_sign_up_repeated, a_sign_up_requested, a_stored_user
from testkit.canary import leaks
from testkit.database import database_of
from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.pushing import push
from testkit.relaying import relay
from testkit.running_function import RunFunction, RunningFunction
from testkit.signing_up import an_address
from testkit.smtp_server import Script, serving
from testkit.stack import LocalStack
from tests.integration.redrive.gone_wrong import DEAD_LETTER_TOPIC, SUBSCRIBER, GoneWrong


def test_a_lost_event_of_a_stored_user_is_mailed_after_a_redrive(
    stack: LocalStack, stack_firestore: Client, inbox: Inbox, run_function: RunFunction
) -> None:
    user = a_stored_user(name="Ewan Canary", email=an_address())
    event = user_created(user.user, TRACEPARENT)
    FirestoreUsers(database_of(stack_firestore)).add(user, event)
    stack_firestore.document("outbox", event.event_id).delete()

    run = redrive(stack, "--from-users", "--id", event.event_id)

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"{event.event_id} put back\n1 put back, 0 left\n"
    assert leaks(run.stdout.splitlines()) == []
    relay(impatient_relay(stack, run_function).url)
    assert inbox.wait_for_mail_to(user.user.email)["Message-ID"] == f"<{event.event_id}@usher.example>"


def test_a_refused_reminder_is_mailed_after_a_redrive(
    stack: LocalStack, stack_firestore: Client, inbox: Inbox, run_function: RunFunction
) -> None:
    user = a_stored_user(name="Ewan Canary", email=an_address())
    signed_up = user_created(user.user, TRACEPARENT)
    FirestoreUsers(database_of(stack_firestore)).add(user, signed_up)
    stack_firestore.document("outbox", signed_up.event_id).delete()
    days_ago = datetime.now(UTC) - timedelta(days=30)
    event = a_sign_up_repeated(user_id=user.user.id, email=user.user.email, occurred_at=days_ago)
    with serving(Script({"RCPT": "550 No such mailbox"})) as refusing:
        send_email = run_function("send_email", GOOGLE_CLOUD_PROJECT=stack.project, SMTP_PORT=str(refusing.port))
        push(send_email.url, event)

    run = redrive(stack, "--undeliverable", "--id", event.event_id)

    assert (run.returncode, run.stdout) == (0, f"send_email.{event.event_id} put back\n1 put back, 0 left\n")
    relay(impatient_relay(stack, run_function).url)
    assert inbox.wait_for_mail_to(user.user.email)["Message-ID"] == f"<{event.event_id}@usher.example>"


def test_a_dead_letter_whose_link_has_expired_is_recorded_and_then_left(
    stack: LocalStack, stack_firestore: Client
) -> None:
    event = a_sign_up_requested(email=an_address(), occurred_at=datetime.now(UTC) - timedelta(hours=24))
    stack.broker.publish(stack.project, encode(event, Encoding.JSON), topic=DEAD_LETTER_TOPIC)

    redriven = redrive(stack, "--id", event.event_id)

    record = stack_firestore.document("deliveries", f"send_email.{event.event_id}")
    assert (redriven.returncode, redriven.stdout) == (0, f"{event.event_id} put back\n1 put back, 0 left\n")
    assert eventually(lambda: record.get().exists and record.get().get("last_error") == "link_expired")
    left = redrive(stack, "--undeliverable", "--id", event.event_id)
    reason = "its link has expired: the person can request another link"
    assert left.returncode == 1
    assert left.stdout == f"send_email.{event.event_id} left: {reason}\n0 put back, 1 left\n"


def test_an_id_that_nothing_goes_by_is_a_failure(stack: LocalStack) -> None:
    unknown = str(uuid4())

    run = redrive(stack, "--undeliverable", "--id", unknown, "--dry-run")

    assert (run.returncode, run.stdout) == (1, f"{unknown} not found\n0 would be put back, 0 would be left\n")


@pytest.mark.exhaustive
def test_a_thousand_users_are_put_back_within_seconds(system: System, gone_wrong: GoneWrong) -> None:
    events = {gone_wrong.a_user().event_id for _ in range(1000)}
    started = time.monotonic()

    outcomes = list(redrive_from_users(system, Selection(subscribers=frozenset([SUBSCRIBER]))))

    seconds = time.monotonic() - started
    assert {outcome.ids[0] for outcome in outcomes} == events
    assert seconds < 10


def impatient_relay(stack: LocalStack, run_function: RunFunction) -> RunningFunction:
    """The stack's own leaves an event alone for ten seconds, and is called every ten."""
    return run_function("relay_outbox", GOOGLE_CLOUD_PROJECT=stack.project, OUTBOX_GRACE_SECONDS="0")


def redrive(stack: LocalStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emulator", "redrive", "--base-port", str(stack.ports.base), *arguments]
    environment = {**os.environ, **stack.environment}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=30)
