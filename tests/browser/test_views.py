"""What each view offers once there is something in it: found, counted, told and deleted."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from emulator.inbox.mailbox import ReceivedMail
from testkit.signing_up import an_address
from tests.browser.small_stack import SmallStack, small_stack
from tests.browser.using import sign_up


@pytest.fixture
def small() -> Iterator[SmallStack]:
    with small_stack() as stack:
        yield stack


@pytest.fixture
def page(context: BrowserContext, small: SmallStack) -> Page:
    page = context.new_page()
    page.goto(small.url)
    return page


def receive(small: SmallStack, recipient: str, *, subject: str, text: str) -> None:
    mail = EmailMessage()
    mail["To"], mail["Subject"] = recipient, subject
    mail.set_content(text)
    small.mailbox.add(ReceivedMail("", [recipient], mail.as_bytes()))


def test_header_tells_every_trouble_in_its_switchs_word_and_opens_the_parts(page: Page, small: SmallStack) -> None:
    expect(page.locator("#status")).to_have_text("Everything is ready")

    small.told |= {"trouble": {"mail_server": "refusing", "sms": "busy", "create_user": "down"}}

    expect(page.locator("#status")).to_have_text("Mail server refusing, SMS service busy, create_user down")
    page.get_by_role("button", name="Mail server refusing").click()
    parts = page.locator("#parts")
    expect(parts).to_contain_text("create_user")
    expect(parts.get_by_role("link", name="http://127.0.0.1:")).to_be_visible()
    page.keyboard.press("Escape")
    expect(parts).not_to_be_visible()


def test_mail_to_real_people_is_said_in_the_header_and_where_it_is_missed(page: Page, small: SmallStack) -> None:
    small.told |= {"mail": {"server": "smtp.example.com:587", "local": False, "inbox": False}}

    expect(page.locator("#real")).to_have_text("Mail goes to real people, through smtp.example.com:587.")
    page.get_by_role("link", name="Inbox").click()
    expect(page.locator("#no-mails")).to_contain_text("Mail does not come here")


def test_sign_ups_are_found_and_the_failed_ones_alone_shown(page: Page, small: SmallStack) -> None:
    [failed] = small.print_journeys(1, ending="mail_refused")
    *_, sought = small.print_journeys(120)
    rows = page.locator("li.journey")
    expect(page.locator("#journey-count")).to_have_text("100 of 121 shown, newest first")

    page.get_by_role("searchbox", name="Search sign-ups").fill(sought[:18].upper())
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(sought)
    page.get_by_role("searchbox", name="Search sign-ups").fill("")
    page.get_by_role("button", name="Only failed").click()

    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(failed)
    expect(rows.get_by_role("button", name="Put back")).to_be_visible()


def test_link_leads_to_a_sign_up_that_is_not_among_the_newest(page: Page, small: SmallStack) -> None:
    [old] = small.print_journeys(1)
    small.print_journeys(120)
    expect(page.locator("li.journey")).to_have_count(100)

    page.goto(f"{small.url}#/journeys/{old}")
    expect(page.locator("li.journey", has_text=old)).to_have_attribute("data-open", "true")
    page.goto(f"{small.url}#/journeys/nobody")

    expect(page.get_by_text("This sign-up is not shown")).to_be_visible()


def test_time_goes_on_while_a_mail_waits(page: Page, small: SmallStack) -> None:
    small.print_journeys(1, ending="mail_retried")
    small.print_journeys(1)
    waiting, complete = (page.locator(f"li[data-state={state}] .when b") for state in ("waiting", "complete"))
    at_first = complete.inner_text()

    expect(waiting).to_contain_text("2.")

    assert complete.inner_text() == at_first


def test_on_a_phone_a_sign_up_leads_to_its_journey(page: Page, small: SmallStack) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    [user_id] = small.print_journeys(1)
    url = page.request.get(f"{small.url}api/status").json()["parts"]["create_user"]["address"]
    allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
    page.route(url, lambda route: route.fulfill(status=201, json={"id": user_id}, headers=allowed))

    sign_up(page, an_address())

    head = page.locator("li.journey", has_text=user_id).locator("button.head")
    expect(head).to_be_focused()
    expect(head).to_be_in_viewport()


def test_mails_are_counted_found_and_deleted(page: Page, small: SmallStack) -> None:
    receive(small, "ana@example.com", subject="Welcome to Usher", text="Hello Ana")
    receive(small, "zoe@example.com", subject="You already have an account", text="Hello Zoë")
    mails = page.get_by_role("list", name="Mails, newest first").get_by_role("listitem")
    expect(page.get_by_role("link", name="Inbox 2 unread")).to_be_visible()
    expect(page).to_have_title("(2) Sign-ups, Usher's local stack")

    page.get_by_role("link", name="Inbox").click()
    expect(page.get_by_role("link", name="Inbox 1 unread")).to_be_visible()  # the newest is opened
    for sought, recipient in (("already ACCOUNT", "zoe@"), ("hello ana", "ana@"), ("to:ana@example.com", "ana@")):
        page.get_by_role("searchbox", name="Search mails").fill(sought)
        expect(mails).to_have_count(1)
        expect(mails.locator("b")).to_contain_text(recipient)
    page.get_by_role("searchbox", name="Search mails").fill("form:ana")
    expect(page.locator("#no-mails")).to_contain_text("Unknown filter form:")

    page.get_by_role("searchbox", name="Search mails").fill("hello")
    page.get_by_role("button", name="Delete this mail").click()
    expect(mails).to_have_count(1)
    expect(mails).to_contain_text("ana@example.com")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Delete all mails").click()
    expect(mails).to_have_count(1)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete all mails").click()
    expect(mails).to_have_count(0)
    assert small.mailbox.newest_first() == []


def test_form_takes_its_hint_from_the_settings_and_each_example_is_somebody_else(page: Page, small: SmallStack) -> None:
    small.told = {"sign_up": {"password_min_length": 64}}  # as if it was started again: the page loads again
    expect(page.get_by_text("64 characters or more")).to_be_visible()

    addresses = set()
    for _ in range(2):
        page.get_by_role("button", name="Fill in an example").click()
        addresses.add(page.get_by_label("Email address").input_value())

    assert len(addresses) == 2
    assert len(page.get_by_label("Password 64 characters or more").input_value()) == 64
