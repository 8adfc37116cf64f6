"""A sign-up by the link in the mail: in the UI of a stack that takes the mailbox first, and on the page it opens."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from testkit.signing_up import an_address
from testkit.stack import LocalStack
from tests.browser.sign_up_page.visiting import expect_view, finish
from tests.browser.using import expect_state, put_switch, row_of

STEPS = ["link requested", "mail accepted", "link opened", "request", "hashed", "stored"]


@pytest.fixture
def stack(verifying_stack: LocalStack) -> LocalStack:
    return verifying_stack


def request(page: Page, email: str) -> None:
    page.get_by_role("link", name="Sign-ups").click()
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Sign up", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("202 Accepted")


def test_link_in_the_inbox_opens_the_page_and_its_sign_up_completes_the_row(
    page: Page, context: BrowserContext
) -> None:
    address = an_address()
    request(page, address)
    expect_state(page, address, "link mailed")
    row_of(page, address).get_by_role("link", name="mail").click()
    with context.expect_page() as opened:
        page.frame_locator("#mail iframe").get_by_role("link").click()
    page.get_by_role("link", name="Sign-ups").click()
    expect_state(page, address, "link opened")

    form = opened.value
    expect(form.locator("#finish .address")).to_have_text(address)
    finish(form)
    expect_view(form, "You are signed up")

    expect_state(page, address, "complete")
    expect(page.locator("li.journey", has_text=address)).to_have_count(1)
    shown = row_of(page, address).get_by_role("list", name="Steps on a timeline").locator(".step b").all_inner_texts()
    assert [step for step in shown if step in STEPS] == [*STEPS, "mail accepted"]


def test_request_waits_while_the_mail_server_is_down_and_its_link_is_mailed_by_itself_after(page: Page) -> None:
    address = an_address()
    put_switch(page, "Mail server", "down")
    try:
        request(page, address)
        waiting = page.locator("li.journey[data-state=waiting]")
        expect(waiting).to_contain_text("the mail server is not responding")
    finally:
        put_switch(page, "Mail server", "up")

    page.get_by_role("link", name="Sign-ups").click()
    expect_state(page, address, "link mailed")
    expect(row_of(page, address)).to_contain_text("attempts")
