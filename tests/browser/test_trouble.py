"""What went wrong, in the browser, and how it is put back there."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from blueprint.topology import read_topology
from operations.redrive.system import EmulatorHosts, connect
from testkit.inbox import Inbox
from testkit.relaying import relay
from testkit.signing_up import an_address
from testkit.stack import LocalStack
from tests.browser.using import event_id_of, expect_state, put_switch, row_of, sign_up
from tests.integration.redrive.gone_wrong import GoneWrong


@pytest.fixture
def stack(whole_stack: LocalStack) -> LocalStack:
    """The one whose emulators it may stop: what others share is in no stack's hands."""
    return whole_stack


@pytest.fixture
def gone_wrong(stack: LocalStack) -> Iterator[GoneWrong]:
    hosts = EmulatorHosts(firestore=stack.firestore_host, pubsub=stack.pubsub_host)
    system = connect(stack.project, read_topology().events, hosts)
    witness = stack.broker.witness(stack.project)
    yield GoneWrong(system, stack.broker, witness)
    witness.close()
    system.firestore.close()  # type: ignore[no-untyped-call]  # the library's gap


def test_one_dead_letter_is_put_back_and_its_mail_arrives(
    page: Page, stack: LocalStack, gone_wrong: GoneWrong, inbox: Inbox
) -> None:
    event, other = (gone_wrong.a_user(age=timedelta(minutes=5)) for _ in range(2))
    gone_wrong.a_dead_letter(event)
    gone_wrong.a_dead_letter(other)
    page.get_by_role("link", name="Trouble").click()

    page.get_by_role("button", name=f"Put back {event.event_id}").click()

    expect(page.locator("#redriven")).to_contain_text(f"{event.event_id} put back")
    expect(page.get_by_role("region", name="Dead letters")).not_to_contain_text(event.event_id)
    expect(page.get_by_role("region", name="Dead letters")).to_contain_text(other.event_id)
    relay(stack.relay_outbox_url)
    inbox.wait_for_mail_to(event.email)


def test_refused_mail_is_listed_with_its_reason_and_can_be_put_back(page: Page, inbox: Inbox) -> None:
    address = an_address()
    put_switch(page, "Mail server", "refusing")
    try:
        sign_up(page, address)
        expect_state(page, address, "failed")
        event_id = event_id_of(page, address)
    finally:
        put_switch(page, "Mail server", "up")

    refused = page.get_by_role("region", name="Refused", exact=True)
    entry = refused.get_by_role("listitem").filter(has_text=event_id)
    expect(entry).to_contain_text(f"Ewan Canary {address}")
    expect(entry).to_contain_text("the mail server refused the recipient (550)")
    assert inbox.mails_to(address) == []

    entry.get_by_role("link", name="Sign-up of Ewan Canary").click()
    expect(row_of(page, address).locator("button.head")).to_be_focused()
    row_of(page, address).get_by_role("button", name="Put back").click()

    inbox.wait_for_mail_to(address)
    expect_state(page, address, "complete")


def test_put_back_in_the_list_says_what_comes_next(page: Page) -> None:
    address = an_address()
    put_switch(page, "SMS service", "refusing")
    try:
        sign_up(page, address)
        expect_state(page, address, "failed")
        event_id = event_id_of(page, address)
        page.get_by_role("link", name="Trouble").click()

        page.get_by_role("button", name=f"Put back notify_admin.{event_id}").click()

        expect(page.locator("#redriven")).to_contain_text(
            "1 put back, 0 left. The relay publishes what was put back within 11 s."
        )
    finally:
        put_switch(page, "SMS service", "up")


@pytest.mark.exhaustive  # the relay leaves an event alone for ten seconds
def test_event_waits_in_the_outbox_while_pubsub_is_unreachable(page: Page, inbox: Inbox) -> None:
    address = an_address()
    put_switch(page, "Pub/Sub", "unreachable")
    try:
        sign_up(page, address)
        expect_state(page, address, "waiting")
        page.get_by_role("link", name="Trouble").click()
        expect(page.get_by_role("region", name="Waiting in the outbox")).to_be_visible()
    finally:
        put_switch(page, "Pub/Sub", "up")

    inbox.wait_for_mail_to(address)


def test_function_that_is_switched_off_gets_its_pushes_later(page: Page, inbox: Inbox) -> None:
    address = an_address()
    put_switch(page, "send_email", "down")
    try:
        expect(page.locator("#status")).to_have_text("send_email down")
        sign_up(page, address)
        expect_state(page, address, "under way")
        assert inbox.mails_to(address) == []
    finally:
        put_switch(page, "send_email", "up")

    inbox.wait_for_mail_to(address)
