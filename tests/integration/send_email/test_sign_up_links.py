"""send_email mails links that end by the store's clock, and writes their tokens nowhere else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.cloud.firestore import Client

from proofs.launched_function import launcher
from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.builders import a_sign_up_requested
from testkit.canary import leaks
from testkit.inbox import Inbox
from testkit.pushing import push
from testkit.running_function import RunFunction, RunningFunction
from testkit.signing_up import an_address

URL = "https://example.com/sign-up"
KEYS = f"1:{'o' * 32}\n2:{'n' * 32}"
DAY = timedelta(days=1).total_seconds()


def sender_of_links(run_function: RunFunction, *, clock_ahead: float = 0) -> RunningFunction:
    skewed = launcher("skewed_function.py", f"--clock-ahead={clock_ahead}")
    return run_function("send_email", launched_by=skewed, LINK_KEYS=KEYS, SIGN_UP_URL=URL)


@pytest.mark.parametrize("clock_ahead", [0, DAY])
def test_request_becomes_a_mail_with_a_link_that_nothing_else_holds(
    run_function: RunFunction, firestore_client: Client, inbox: Inbox, clock_ahead: float
) -> None:
    send_email = sender_of_links(run_function, clock_ahead=clock_ahead)
    now = datetime.now(UTC)
    event = a_sign_up_requested(email=an_address(), occurred_at=now)

    responses = [push(send_email.url, event).status_code for _ in range(2)]

    text = inbox.wait_for_mail_to(event.email).get_body(("plain",))
    assert text
    [token] = [line.removeprefix(f"{URL}#") for line in text.get_content().splitlines() if line.startswith(URL)]
    link = SignUpLink.read(token, VersionedSecrets.parse(KEYS))
    link.check(now)
    assert link.address == event.email
    assert responses == [200, 200]
    assert leaks([*send_email.log_lines(), json.dumps(only_record(firestore_client), default=str)]) == []


@pytest.mark.parametrize("clock_ahead", [0, -DAY])
def test_link_that_is_about_to_end_is_recorded_and_not_mailed(
    run_function: RunFunction, firestore_client: Client, inbox: Inbox, clock_ahead: float
) -> None:
    send_email = sender_of_links(run_function, clock_ahead=clock_ahead)
    event = a_sign_up_requested(email=an_address(), occurred_at=datetime.now(UTC) - timedelta(hours=23))

    responses = [push(send_email.url, event).status_code for _ in range(2)]

    record = only_record(firestore_client)
    assert responses == [200, 200]
    assert [record[field] for field in ("state", "last_error", "attempts")] == ["undeliverable", "link_expired", 1]
    [refused] = [json.loads(line) for line in send_email.log_lines() if '"mail_refused"' in line]
    assert (refused["severity"], refused["code"], refused["event_id"]) == ("ERROR", "link_expired", event.event_id)
    assert leaks([*send_email.log_lines(), json.dumps(record, default=str)]) == []
    assert inbox.mails_to(event.email) == []


def only_record(firestore: Client) -> dict[str, Any]:
    [record] = firestore.collection("deliveries").get()
    return record.to_dict() or {}
