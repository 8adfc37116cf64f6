"""What create_user's own page makes of bad links, of browsers, and of those who look at it."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from testkit.canary import PASSWORD
from testkit.signing_up import an_address
from tests.browser.looking import AXE, check
from tests.browser.sign_up_page.visiting import expect_view, finish, forged_token, lost_reply_of, token


def test_bad_link_leads_to_the_empty_address_form_and_sends_nothing(page: Page, url: str, posts: list[Request]) -> None:
    used = an_address()
    good, expired = token(used), token(an_address(), left=-timedelta(hours=1))
    page.goto(f"{url}sign-up#{good}")
    finish(page)
    expect_view(page, "You are signed up")
    for unread, words in (
        (good, "There is already an account with this address"),
        (expired, "This link has expired"),
        (forged_token("sign-up", "1", 1, an_address()), "This link is not complete"),
    ):
        page.goto(f"{url}sign-up#{unread}")
        finish(page)
        expect(page.get_by_text(words)).to_be_visible()
    for unreadable in (
        "garbage",
        good[1:],
        forged_token("sign-up", "1", 1, "call me@once"),
        forged_token({"email": used}),
    ):
        page.goto(f"{url}sign-up#{unreadable}")
        expect(page.get_by_text("This link is not complete")).to_be_visible()
        expect(page.get_by_label("Email address")).to_have_value("")
    page.reload()

    expect(page.get_by_text("This link is not complete")).to_be_visible()
    assert len(posts) == 4


def test_password_changed_after_a_lost_reply_is_said_not_to_count(page: Page, url: str) -> None:
    page.goto(f"{url}sign-up#{token(an_address())}")
    page.route(url, lost_reply_of(url), times=1)
    finish(page)
    expect(page.get_by_role("status")).to_contain_text("The connection was lost")
    finish(page, password=f"{PASSWORD} changed")

    expect_view(page, "You are signed up")
    expect(page.get_by_text("the password are those you entered then")).to_be_visible()


def test_address_in_a_token_is_shown_as_text(page: Page, url: str) -> None:
    markup = "<img/src=x/onerror=window.ran=1>@canary.example"
    page.goto(f"{url}sign-up#{forged_token('sign-up', '1', 1, markup)}")

    expect(page.locator("#finish .address")).to_have_text(markup)
    assert page.evaluate("window.ran") is None


def test_without_javascript_the_page_says_what_to_do(browser: Browser, url: str) -> None:
    with browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640}) as context:
        page = context.new_page()
        page.goto(f"{url}sign-up#{token(an_address())}")

        expect(page.get_by_text("This page needs JavaScript")).to_be_visible()
        expect(page.locator("form:visible")).to_have_count(0)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make tests/node_modules/.installed")
@pytest.mark.parametrize(
    ("look", "width", "scheme"), [("light", 1280, "light"), ("dark", 1280, "dark"), ("narrow", 320, "light")]
)
def test_views_have_no_serious_fault(page: Page, url: str, look: str, width: int, scheme: Any) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{url}sign-up#{token('ewan@canary.example')}")
    check(page, f"page-finish-{look}")
    finish(page, password="short")
    expect(page.locator("#password-fault")).not_to_be_empty()
    check(page, f"page-faults-{look}")
    finish(page)
    expect_view(page, "You are signed up")
    check(page, f"page-done-{look}")
    page.goto(f"{url}sign-up#garbage")
    expect_view(page, "Sign up")
    check(page, f"page-request-{look}")
    page.get_by_label("Email address").fill(an_address())
    page.get_by_role("button", name="Send the email").click()
    expect_view(page, "Check your inbox")
    check(page, f"page-sent-{look}")
