"""What a person does in the local UI."""

import re

from playwright.sync_api import Locator, Page, expect

from testkit.canary import PASSWORD


def sign_up(page: Page, email: str, *, name: str = "Ewan Canary", password: str = PASSWORD) -> None:
    page.get_by_role("link", name="Sign-ups").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign up", exact=True).click()


def row_of(page: Page, email: str) -> Locator:
    return page.locator("li.journey", has_text=email)


def event_id_of(page: Page, email: str) -> str:
    """As the opened row tells it."""
    found = re.search(r"event\s*([0-9a-f-]{36})", row_of(page, email).text_content() or "")
    assert found
    return found[1]


def expect_state(page: Page, email: str, state: str) -> None:
    expect(row_of(page, email)).to_have_attribute("data-state", state)


def put_switch(page: Page, name: str, position: str) -> None:
    page.get_by_role("link", name="Trouble").click()
    switch = page.get_by_role("group", name=name, exact=True)
    switch.get_by_role("button", name=position).click()
    expect(switch.get_by_role("button", name=position)).to_have_attribute("aria-pressed", "true")
