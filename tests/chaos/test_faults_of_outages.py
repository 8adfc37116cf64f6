"""What the functions use goes down, is slow or loses its replies, and comes back; events travel through real pushes."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes

import pytest

from proofs.launched_function import Launch
from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.project import Project
from testkit.pushing import an_event, push
from testkit.signing_up import an_address, members, sign_up
from testkit.smtp_server import Script
from testkit.tcp_proxy import TcpProxy

OUTAGE_SECONDS = 6  # ten minutes at a hundredth; redeliveries come a second apart
SIGN_UPS = 20
SHORT_LEASE = {"LEASE_SECONDS": "3", "SMTP_DEADLINE_SECONDS": "2.5"}


def test_every_mail_arrives_after_an_outage_of_the_mail_server_during_which_people_signed_up(
    launch: Launch, project: Project, smtp_proxy: TcpProxy, inbox: Inbox
) -> None:
    create_user = launch("create_user")
    send_email = launch("send_email", SMTP_PORT=str(smtp_proxy.port))
    project.push_events_to(send_email.url)
    addresses = [an_address() for _ in range(SIGN_UPS)]
    smtp_proxy.refuse()
    up_again_at = time.monotonic() + OUTAGE_SECONDS

    answers = [sign_up(create_user.url, members(email=address)) for address in addresses]
    assert eventually(lambda: time.monotonic() > up_again_at)
    mails_while_down = [inbox.mails_to(address) for address in addresses]
    smtp_proxy.forward()

    assert {answer.status_code for answer in answers} == {201}
    assert mails_while_down == [[]] * SIGN_UPS
    assert eventually(lambda: states(project) == ["sent"] * SIGN_UPS)
    assert [len(inbox.mails_to(address)) for address in addresses] == [1] * SIGN_UPS
    assert min(record["attempts"] for record in project.documents("deliveries").values()) > 1


@pytest.fixture
def slow(firestore_proxy: TcpProxy, pubsub_proxy: TcpProxy) -> dict[str, str]:
    """Settings with which Firestore and Pub/Sub take their time."""
    firestore_proxy.delay_seconds = pubsub_proxy.delay_seconds = 0.1
    return {"FIRESTORE_EMULATOR_HOST": firestore_proxy.address, "PUBSUB_EMULATOR_HOST": pubsub_proxy.address}


def test_slow_firestore_and_slow_pubsub_delay_the_mail_and_lose_nothing(
    launch: Launch, project: Project, inbox: Inbox, slow: dict[str, str]
) -> None:
    create_user, send_email = launch("create_user", **slow), launch("send_email", **slow)
    project.push_events_to(send_email.url)
    address = an_address()

    answer = sign_up(create_user.url, members(email=address))

    assert answer.status_code == 201
    inbox.wait_for_mail_to(address)
    assert eventually(lambda: states(project) == ["sent"])


def test_event_whose_acknowledgement_by_pubsub_was_lost_is_published_again_and_mailed_once(
    launch: Launch, project: Project, pubsub_proxy: TcpProxy, inbox: Inbox
) -> None:
    create_user = launch("create_user", PUBSUB_EMULATOR_HOST=pubsub_proxy.address)
    send_email = launch("send_email")
    project.push_events_to(send_email.url)
    sign_up(create_user.url, members())  # opens the connection
    assert eventually(lambda: states(project) == ["sent"])
    address = an_address()
    pubsub_proxy.swallow_replies()

    answer = sign_up(create_user.url, members(email=address))
    inbox.wait_for_mail_to(address)
    waiting_for = {entry["user_id"] for entry in project.documents("outbox").values()}

    assert answer.status_code == 201
    assert answer.json()["id"] in waiting_for
    assert eventually(lambda: project.relay() == 0)
    assert eventually(lambda: any("delivery_already_finished" in line for line in send_email.log_lines()))
    assert len(inbox.mails_to(address)) == 1


@pytest.mark.parametrize(
    "fault",
    [TcpProxy.refuse, TcpProxy.swallow_replies, pytest.param(TcpProxy.blackhole, marks=pytest.mark.exhaustive)],
)
def test_delivery_waits_while_firestore_does_not_answer(
    launch: Launch, firestore_proxy: TcpProxy, inbox: Inbox, fault: Callable[[TcpProxy], None]
) -> None:
    send_email = launch("send_email", FIRESTORE_EMULATOR_HOST=firestore_proxy.address, **SHORT_LEASE)
    assert push(send_email.url, an_event()).status_code == 200
    event = an_event()
    fault(firestore_proxy)

    while_silent = push(send_email.url, event)
    mails_while_silent = inbox.mails_to(event.email)
    firestore_proxy.forward()

    assert while_silent.status_code == 503
    assert mails_while_silent == []
    assert eventually(lambda: push(send_email.url, event).status_code == 200)
    inbox.wait_for_mail_to(event.email)


def test_mail_whose_record_could_not_be_written_has_a_duplicate_that_is_counted(
    launch: Launch, project: Project, firestore_proxy: TcpProxy, mail_server: Script
) -> None:
    event = an_event()
    with TcpProxy(f"127.0.0.1:{mail_server.port}") as smtp_proxy:
        settings = {"FIRESTORE_EMULATOR_HOST": firestore_proxy.address, "SMTP_PORT": str(smtp_proxy.port)}
        send_email = launch("send_email", **SHORT_LEASE, **settings)
        smtp_proxy.blackhole()
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(push, send_email.url, event)
            assert eventually(lambda: smtp_proxy.connections)
            firestore_proxy.refuse()
            smtp_proxy.forward()
        firestore_proxy.forward()

        assert answer.result().status_code == 503
        assert eventually(lambda: push(send_email.url, event).status_code == 200)

    [record] = project.documents("deliveries").values()
    message_ids = [message_from_bytes(mail)["Message-ID"] for mail in mail_server.mails]
    assert [record[field] for field in ("state", "takeovers")] == ["sent", 1]
    assert message_ids == [f"<{event.event_id}@usher.example>"] * 2


def states(project: Project) -> list[str]:
    return [record["state"] for record in project.documents("deliveries").values()]
