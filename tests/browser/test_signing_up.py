"""A sign-up in the browser: its journey, its mail, and what goes wrong with it."""

import time

import pytest
from playwright.sync_api import Page, expect

from testkit.canary import BCRYPT_HASH, PASSWORD
from testkit.signing_up import an_address
from tests.browser.using import expect_state, put_switch, row_of, sign_up


def test_journey_of_a_sign_up_completes_on_screen_within_two_seconds(page: Page) -> None:
    seconds = []
    for _ in range(3):  # the functions build their clients at the first, and the machine may be busy
        address = an_address()
        sign_up(page, address)
        started = time.monotonic()
        expect_state(page, address, "complete")
        seconds.append(time.monotonic() - started)

    assert min(seconds) < 2
    steps = row_of(page, address).get_by_role("list", name="Steps on a timeline")
    for step in ("request", "hashed", "stored", "published", "pushed", "mail accepted"):
        expect(steps).to_contain_text(step)


def test_mail_of_a_sign_up_is_shown_in_all_its_forms(page: Page) -> None:
    address = an_address()
    sign_up(page, address)
    expect_state(page, address, "complete")

    row_of(page, address).get_by_role("link", name="mail").click()
    mail = page.get_by_role("article", name="The mail")

    expect(mail).to_contain_text(f"to {address}")
    expect(mail.frame_locator("iframe").locator("body")).to_contain_text("Hello Ewan Canary")
    for form, part in (("Text", "Hello Ewan Canary"), ("Headers", "X-Trace-Id"), ("Source", "Content-Type: multipart")):
        mail.get_by_role("button", name=form).click()
        expect(mail).to_contain_text(part)


def test_mail_is_found_by_an_address_in_a_different_form(page: Page) -> None:
    address = an_address().replace("@", "@bücher.")  # the mail is to xn--bcher-kva.canary.example
    sign_up(page, address)
    expect_state(page, address, "complete")

    row_of(page, address).get_by_role("link", name="mail").click()
    mail = page.get_by_role("article", name="The mail")
    expect(mail).to_contain_text(address.split("@")[0])
    page.get_by_role("searchbox", name="Search mails").fill(address.upper())

    expect(page.get_by_role("list", name="Mails, newest first").get_by_role("listitem")).to_have_count(1)


def test_documents_behind_the_steps_are_one_click_away_without_the_password(page: Page) -> None:
    address = an_address()
    sign_up(page, address)
    expect_state(page, address, "complete")
    row = row_of(page, address)

    papers = {"user document": address, "event": "occurred_at", "delivery record": '"state": "sent"'}
    for paper, text in papers.items():  # one after the other: each redraws the row
        row.get_by_role("button", name=paper).first.click()
        expect(row.get_by_label(paper)).to_contain_text(text)

    shown = page.content()
    assert PASSWORD not in shown
    assert BCRYPT_HASH not in shown


def test_faults_are_shown_beside_their_fields(page: Page) -> None:
    sign_up(page, "no address", password="short")

    expect(page.locator("#email-fault")).to_contain_text("email")
    expect(page.locator("#password-fault")).to_contain_text("must be at least 15 characters (got 5)")
    expect(page.get_by_label("Email address")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Email address")).to_be_focused()
    expect(page.locator("#answer")).to_contain_text("422")


def test_taken_address_is_shown_beside_its_field(page: Page) -> None:
    address = an_address()
    sign_up(page, address)
    expect(page.locator("#answer")).to_contain_text("201 Created")

    page.get_by_label("Name").fill("Zoe Canary")
    page.get_by_role("button", name="Sign up", exact=True).click()

    expect(page.locator("#email-fault")).to_contain_text("already exists")


def test_request_is_shown_as_the_curl_line_it_equals(page: Page) -> None:
    page.get_by_label("Name").fill("O'Hara Canary")
    page.get_by_label("Password").fill(PASSWORD)

    curl = page.get_by_label("The request as a curl command")

    expect(curl).to_contain_text("""-d '{"name":"O'\\''Hara Canary",""")
    expect(curl).not_to_contain_text(PASSWORD)


def test_journey_waits_while_the_mail_server_is_down_and_completes_by_itself_after(page: Page) -> None:
    address = an_address()
    put_switch(page, "Mail server", "down")
    try:
        sign_up(page, address)

        expect_state(page, address, "waiting")
        expect(row_of(page, address)).to_contain_text("the mail server is not responding")
    finally:
        put_switch(page, "Mail server", "up")

    page.get_by_role("link", name="Sign-ups").click()
    expect_state(page, address, "complete")
    expect(row_of(page, address)).to_contain_text("attempts")


@pytest.mark.parametrize(
    "name", ["<img src=x onerror='window.ran = 1'> canary", "canary</b><script>window.ran = 1</script>"]
)
def test_hostile_name_does_not_run(page: Page, name: str) -> None:
    address = an_address()

    sign_up(page, address, name=name)
    expect_state(page, address, "complete")

    expect(row_of(page, address).locator("b").first).to_have_text(name)
    row_of(page, address).get_by_role("button", name="user document").click()
    expect(row_of(page, address)).to_contain_text('"email"')  # with it the row is drawn again: a click might be lost
    row_of(page, address).get_by_role("link", name="mail").click()
    expect(page.frame_locator("#mail iframe").locator("body")).to_contain_text("Hello,")
    assert all(frame.evaluate("window.ran") is None for frame in page.frames if not frame.parent_frame)


def test_what_is_open_survives_a_reload(page: Page) -> None:
    address, newer = an_address(), an_address()
    for each in (address, newer):
        sign_up(page, each)
        expect_state(page, each, "complete")
    row_of(page, address).locator("button.head").click()

    page.reload()

    expect(row_of(page, address).locator("button.head")).to_have_attribute("aria-expanded", "true")
