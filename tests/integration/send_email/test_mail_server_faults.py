"""send_email while the mail server refuses, is down, or says nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from google.cloud.firestore import Client

from testkit.free_ports import free_port
from testkit.inbox import Inbox
from testkit.pushing import an_event, push
from testkit.running_function import RunFunction
from testkit.tcp_proxy import TcpProxy


class RefusesRecipients:
    async def handle_RCPT(  # noqa: N802  aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, envelope, options
        return f"550 there is no {address} here"


@pytest.fixture
def refusing_port() -> Iterator[int]:
    port = free_port()
    controller = Controller(RefusesRecipients(), hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


def test_refused_recipient_is_recorded_and_acknowledged(
    run_function: RunFunction, firestore_client: Client, refusing_port: int
) -> None:
    event = an_event()
    send_email = run_function("send_email", SMTP_PORT=str(refusing_port))

    response = push(send_email.url, event)

    record = only_record(firestore_client)
    assert response.status_code == 200
    assert [record["state"], record["last_error"]] == ["undeliverable", "rcpt_550"]


@pytest.mark.parametrize("fault", [TcpProxy.refuse, TcpProxy.blackhole])
def test_mail_server_that_does_not_answer_fails_the_push_and_frees_the_delivery(
    run_function: RunFunction,
    firestore_client: Client,
    smtp_proxy: TcpProxy,
    inbox: Inbox,
    fault: Callable[[TcpProxy], None],
) -> None:
    event = an_event()
    send_email = run_function("send_email", SMTP_PORT=str(smtp_proxy.port), SMTP_DEADLINE_SECONDS="1")
    fault(smtp_proxy)

    response = push(send_email.url, event)

    assert response.status_code == 503
    assert only_record(firestore_client)["state"] == "released"

    smtp_proxy.forward()
    repeated = push(send_email.url, event)

    assert repeated.status_code == 200
    assert [only_record(firestore_client)[field] for field in ("state", "attempts")] == ["sent", 2]
    inbox.wait_for_mail_to(event.email)


def only_record(firestore: Client) -> dict[str, Any]:
    [record] = firestore.collection("deliveries").get()
    return record.to_dict() or {}
