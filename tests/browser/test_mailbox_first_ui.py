"""The UI where the mailbox comes first: it asks for the address, and follows the link from the mail to the sign-up."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from testkit.signing_up import an_address
from tests.browser.small_stack import SmallStack, small_stack

LINK = "http://127.0.0.1:9/sign-up#WyJzaWdu.c2ln-_"


@pytest.fixture
def small() -> Iterator[SmallStack]:
    with small_stack() as stack:
        stack.told["sign_up"] = {"password_min_length": 15, "verify_email": True}
        yield stack


@pytest.fixture
def page(context: BrowserContext, small: SmallStack) -> Page:
    page = context.new_page()
    page.goto(small.url)
    return page


def test_form_asks_for_the_address_alone_and_follows_its_journey(page: Page, small: SmallStack) -> None:
    address = an_address()
    posted: list[str | None] = []
    allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
    url = page.request.get(f"{small.url}api/status").json()["parts"]["create_user"]["address"]

    def accept(route: Route) -> None:
        posted.append(route.request.post_data)
        route.fulfill(status=202, json={"status": "accepted"}, headers=allowed)

    page.route(f"{url}sign-ups", accept)
    small.print_request(an_address(), LINK)
    form = page.get_by_role("form", name="Sign up")
    expect(form.get_by_role("textbox")).to_have_count(1)
    expect(form).to_contain_text("The link in the mail asks for name and password.")

    form.get_by_label("Email address").fill(address.upper())
    expect(page.get_by_label("The request as a curl command")).to_contain_text(f"curl -i {url}sign-ups \\")
    expect(page.get_by_label("The request as a curl command")).not_to_contain_text("Idempotency-Key")
    form.get_by_role("button", name="Sign up", exact=True).click()

    expect(page.locator("#answer")).to_contain_text("202 Accepted")
    assert [json.loads(each) for each in posted if each] == [{"email": address.upper()}]
    subject = small.print_request(address, LINK)
    row = page.locator("li.journey", has_text=address)
    expect(row).to_have_attribute("data-state", "link mailed")
    expect(row.locator("button.head")).to_have_attribute("aria-expanded", "true")
    expect(page).to_have_url(f"{small.url}#/journeys/{subject}")


def test_link_in_the_inbox_opens_the_page_and_is_a_step(page: Page, small: SmallStack, context: BrowserContext) -> None:
    address = an_address()
    small.print_request(address, LINK)
    context.route("http://127.0.0.1:9/**", lambda route: route.fulfill(body="the page"))
    page.locator("li.journey", has_text=address).get_by_role("link", name="mail").click()

    with context.expect_page() as opened:
        page.frame_locator("#mail iframe").get_by_role("link").click()

    opened.value.wait_for_url(LINK)
    page.get_by_role("link", name="Sign-ups").click()
    row = page.locator("li.journey", has_text=address)
    expect(row).to_have_attribute("data-state", "link opened")
    expect(row.get_by_role("list", name="Steps on a timeline")).to_contain_text("link opened")


def test_row_of_a_request_becomes_the_users_and_stays_open(page: Page, small: SmallStack) -> None:
    subject, user_id = str(uuid4()), str(uuid4())
    step = {"name": "link requested", "by": "create_user", "start": 1, "end": 2, "outcome": "done", "detail": ""}
    request: dict[str, Any] = {"user_id": subject, "former_ids": [], "event_id": "r1", "trace_id": "", "name": ""}
    request |= {"email": "a@b.example", "state": "link mailed"}
    request |= {"steps": [step | {"document": None, "is_of_user": False}]}
    journeys = [request, request | {"user_id": user_id, "former_ids": [subject], "name": "Ewan", "state": "complete"}]
    stream = "".join(f"data: {json.dumps([each])}\n\n" for each in journeys)
    body = f"retry: 60000\nevent: start\ndata: {{}}\n\n{stream}"
    page.route("**/api/journeys", lambda route: route.fulfill(content_type="text/event-stream", body=body))
    page.route("**/api/journeys/*", lambda route: route.fulfill(status=404))

    page.goto("about:blank")
    page.goto(f"{small.url}#/journeys/{subject}")

    expect(page.locator("li.journey")).to_have_count(1)
    expect(page.locator("li.journey")).to_contain_text("Ewan")
    expect(page.locator("li.journey")).to_have_attribute("data-open", "true")
    expect(page).to_have_url(f"{small.url}#/journeys/{user_id}")
    expect(page.get_by_text("This sign-up is not shown")).to_be_hidden()
