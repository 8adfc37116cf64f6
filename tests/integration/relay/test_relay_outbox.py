"""relay_outbox on the real outbox and topic, its events pushed to the stack's send_email."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest
from google.cloud.firestore import Client

from shared.events.user_created import UserCreated
from testkit.inbox import Inbox
from testkit.pushing import an_event
from testkit.relaying import relay
from testkit.running_function import RunFunction
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

UNREADABLE = {
    "of another shape": {"something": "else"},
    "without an address": {key: value for key, value in asdict(an_event()).items() if key != "email"},
    "with a time that is a text": asdict(an_event()) | {"occurred_at": "yesterday"},
    "with a name that is a number": asdict(an_event()) | {"name": 7},
}


@pytest.fixture(autouse=True)
def topics(stack: LocalStack, firestore_client: Client) -> None:
    stack.push_events_of(firestore_client.project)


def test_every_entry_is_published_and_cleared(
    run_function: RunFunction, firestore_client: Client, inbox: Inbox
) -> None:
    events = [entry(firestore_client) for _ in range(3)]
    relay_outbox = run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0")

    report = relay(relay_outbox.url)

    assert report == {"relayed": 3, "remaining": 0}
    assert firestore_client.collection("outbox").get() == []
    for event in events:
        inbox.wait_for_mail_to(event.email)


def test_entry_of_a_request_that_is_still_at_work_is_left_alone(
    run_function: RunFunction, firestore_client: Client
) -> None:
    entry(firestore_client, replace(an_event(), occurred_at=datetime(2020, 1, 1, tzinfo=UTC)))  # by its own clock
    at_once = run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0")
    patient = run_function("relay_outbox", OUTBOX_GRACE_SECONDS="60")

    assert relay(patient.url) == {"relayed": 0, "remaining": 1}
    assert relay(at_once.url) == {"relayed": 1, "remaining": 0}


def test_two_relays_at_once_cause_one_mail_an_event(
    run_function: RunFunction, firestore_client: Client, inbox: Inbox
) -> None:
    events = [entry(firestore_client) for _ in range(10)]
    relay_outbox = run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0")

    with ThreadPoolExecutor() as pool:
        reports = list(pool.map(relay, [relay_outbox.url] * 2))

    assert sum(report["relayed"] for report in reports) >= 10
    assert relay(relay_outbox.url) == {"relayed": 0, "remaining": 0}
    for event in events:
        inbox.wait_for_mail_to(event.email)


@pytest.mark.parametrize("unreadable", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_unreadable_entry_stays_and_stops_no_other(
    run_function: RunFunction, firestore_client: Client, unreadable: dict[str, object]
) -> None:
    for _ in range(2):
        entry(firestore_client)
    firestore_client.document("outbox", "00000000-0000-0000-0000-000000000000").create(unreadable)
    relay_outbox = run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0")

    report = relay(relay_outbox.url)

    assert report == {"relayed": 2, "remaining": 1}


def test_everything_stays_while_pubsub_is_down(
    run_function: RunFunction, firestore_client: Client, pubsub_proxy: TcpProxy
) -> None:
    for _ in range(2):
        entry(firestore_client)
    relay_outbox = run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0", PUBSUB_EMULATOR_HOST=pubsub_proxy.address)
    pubsub_proxy.refuse()

    report = relay(relay_outbox.url)

    assert report == {"relayed": 0, "remaining": 2}


def entry(firestore: Client, event: UserCreated | None = None) -> UserCreated:
    """Put an event into the outbox, as a request does that crashes before it publishes."""
    event = event or an_event()
    firestore.document("outbox", event.event_id).create(asdict(event))
    return event
