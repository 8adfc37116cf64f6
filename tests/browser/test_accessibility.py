"""axe-core finds nothing serious in any view; each is photographed, to be looked at by people."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from testkit.signing_up import an_address
from tests.browser.looking import AXE, check
from tests.browser.using import expect_state, put_switch, row_of, sign_up

PAGE_OF_MAIL = {"light": "rgb(245, 246, 248)", "dark": "rgb(18, 21, 27)"}


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make tests/node_modules/.installed")
@pytest.mark.parametrize(
    ("look", "width", "scheme"), [("light", 1280, "light"), ("dark", 1280, "dark"), ("narrow", 320, "light")]
)
def test_views_have_no_serious_fault(page: Page, look: str, width: int, scheme: Any) -> None:
    page.set_viewport_size({"width": width, "height": 820})
    page.emulate_media(color_scheme=scheme)
    address = an_address()
    sign_up(page, address)
    expect_state(page, address, "complete")
    row_of(page, address).get_by_role("button", name="user document").click()
    expect(row_of(page, address).get_by_label("user document")).to_be_visible()
    check(page, f"sign-up-{look}")

    row_of(page, address).get_by_role("link", name="mail").click()
    page.get_by_role("list", name="Mails, newest first").get_by_role("link").click()
    mail = page.frame_locator("#mail iframe").locator("body")
    expect(mail).to_contain_text("Hello")
    expect(mail).to_have_css("background-color", PAGE_OF_MAIL[scheme])
    check(page, f"inbox-{look}")

    put_switch(page, "Mail server", "down")
    try:
        waiting = an_address()
        sign_up(page, waiting, password="short")
        expect(page.locator("#password-fault")).not_to_be_empty()
        sign_up(page, waiting)
        expect_state(page, waiting, "waiting")
        check(page, f"waiting-{look}")
        page.get_by_role("link", name="Trouble").click()
        expect(page.get_by_role("region", name="To be retried")).to_be_visible()
        check(page, f"trouble-{look}")
        page.get_by_role("button", name="Mail server down").click()
        check(page, f"parts-{look}")
        page.keyboard.press("Escape")
    finally:
        put_switch(page, "Mail server", "up")
