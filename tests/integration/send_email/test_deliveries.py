"""send_email delivers each event once: duplicates, leases, crashes."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from google.cloud.firestore import Client

from shared.contract.delivery_state import DeliveryState
from shared.deliveries.delivery import Delivery
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.events.codec import Encoding, encode
from shared.events.user_created import UserCreated
from testkit.database import database_of
from testkit.inbox import Inbox
from testkit.plain_http import http
from testkit.polling import eventually
from testkit.pushing import TOPIC, an_event, body_of, push, push_as_eventarc
from testkit.running_function import RunFunction
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

Push = Callable[[str, UserCreated], httpx.Response]


@pytest.mark.parametrize("send", [push, push_as_eventarc])
def test_pushed_event_becomes_a_mail(stack: LocalStack, stack_firestore: Client, inbox: Inbox, send: Push) -> None:
    event = an_event()

    response = send(stack.send_email_url, event)

    assert response.status_code == 200
    inbox.wait_for_mail_to(event.email)
    record = record_of(event, stack_firestore)
    assert [record[field] for field in ("state", "attempts", "takeovers")] == ["sent", 1, 0]
    assert record["expires_at"] - datetime.now(UTC) > timedelta(days=89)


def test_event_pushed_10_times_at_once_causes_one_mail(
    run_function: RunFunction, firestore_client: Client, smtp_proxy: TcpProxy, inbox: Inbox
) -> None:
    event = an_event()
    send_email = run_function("send_email", SMTP_PORT=str(smtp_proxy.port))
    smtp_proxy.delay_seconds = 0.03  # a command: the pushes overlap

    with ThreadPoolExecutor(10) as pool:
        responses = list(pool.map(lambda _: push(send_email.url, event), range(10)))

    assert {response.status_code for response in responses} == {200, 503}
    inbox.wait_for_mail_to(event.email)
    assert record_of(event, firestore_client)["attempts"] == 1


def push_without_type(url: str, event: UserCreated) -> httpx.Response:
    body = json.dumps(body_of(encode(event, Encoding.JSON)))
    return http.post(f"{url}{TOPIC}", content=body, timeout=60)


@pytest.mark.parametrize("send", [push, push_as_eventarc, push_without_type])
def test_held_lease_fails_the_push(stack: LocalStack, stack_firestore: Client, inbox: Inbox, send: Push) -> None:
    event = an_event()
    lease = Delivery(state=DeliveryState.SENDING, token="another", lease_expires_at=datetime.now(UTC))
    FirestoreDeliveries(database_of(stack_firestore), "send_email").write(event.event_id, lease, replacing=None)

    response = send(stack.send_email_url, event)

    assert response.status_code == 503
    assert inbox.mails_to(event.email) == []


def test_delivery_of_a_process_that_was_killed_is_taken_over_once_its_lease_has_run_out(
    run_function: RunFunction, firestore_client: Client, smtp_proxy: TcpProxy, inbox: Inbox
) -> None:
    event = an_event()
    successor = run_function("send_email")
    doomed = run_function("send_email", SMTP_PORT=str(smtp_proxy.port), LEASE_SECONDS="3", SMTP_DEADLINE_SECONDS="2.9")
    smtp_proxy.blackhole()
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(push, doomed.url, event)
        assert eventually(lambda: smtp_proxy.connections)
        doomed.kill()
        assert isinstance(answer.exception(), httpx.TransportError)

    while_held = push(successor.url, event)
    afterwards = eventually(lambda: push(successor.url, event).status_code == 200)

    assert while_held.status_code == 503
    assert afterwards
    inbox.wait_for_mail_to(event.email)
    record = record_of(event, firestore_client)
    assert [record[field] for field in ("state", "attempts", "takeovers")] == ["sent", 2, 1]


def record_of(event: UserCreated, firestore: Client) -> dict[str, Any]:
    return firestore.document("deliveries", f"send_email.{event.event_id}").get().to_dict() or {}
