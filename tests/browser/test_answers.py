"""What the page makes of answers that the stack seldom gives: each is given by the test itself."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from testkit.signing_up import an_address
from tests.browser.small_stack import SmallStack, small_stack
from tests.browser.using import sign_up

_STEP = {
    "name": "request",
    "by": "create_user",
    "start": 1,
    "end": 2,
    "outcome": "done",
    "detail": "",
    "document": None,
    "is_of_user": True,
}
_UNPUBLISHED = _STEP | {"name": "not published", "outcome": "failed", "document": "outbox/e1"}
_ENTRY = {"id": "e1", "event_id": "e1", "reason": "given up"}
_TROUBLE = {"switches": {}, "counts": {}, "outbox": [], "released": [], "undeliverable": [_ENTRY]} | {
    "malformed": [],
    "dead_letters": [],
}


def journeys(user_id: str) -> str:
    ids = {"user_id": user_id, "former_ids": [], "event_id": "e1", "trace_id": "", "name": "", "email": user_id}
    return f"data: {json.dumps([ids | {'state': 'failed', 'steps': [_STEP, _UNPUBLISHED]}])}\n\n"


@pytest.fixture(scope="module")
def small() -> Iterator[SmallStack]:
    with small_stack() as stack:
        yield stack


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that is not opened yet."""
    return context.new_page()


def test_journeys_go_on_after_a_restart_of_the_stack(page: Page, small: SmallStack) -> None:
    stream = f"retry: 60000\n{journeys('before')}event: start\ndata: {{}}\n\n{journeys('after')}"
    page.route("**/api/journeys", lambda route: route.fulfill(content_type="text/event-stream", body=stream))

    page.goto(small.url)

    expect(page.locator("li.journey")).to_have_count(1)
    expect(page.locator("li.journey")).to_contain_text("after")
    expect(page.get_by_role("button", name="outbox entry")).to_be_visible()
    expect(page.get_by_role("button", name="delivery record")).to_have_count(0)


def test_answer_that_was_overtaken_by_the_stream_changes_nothing(page: Page, small: SmallStack) -> None:
    stream = f"retry: 60000\nevent: start\ndata: {{}}\n\n{journeys('u1')}"
    page.route("**/api/journeys", lambda route: route.fulfill(content_type="text/event-stream", body=stream))
    asked: list[Route] = []
    page.route("**/api/journeys/u1", lambda route: asked.append(route))  # noqa: PLW0108  Playwright marks its handlers
    page.goto(f"{small.url}#/journeys/u1")
    expect(page.locator("li.journey")).to_have_attribute("data-state", "failed")

    [journey] = json.loads(journeys("u1").removeprefix("data: "))
    with page.expect_response("**/api/journeys/u1"):
        asked[0].fulfill(json=journey | {"state": "under way"})
    page.evaluate("new Promise((drawn) => setTimeout(() => requestAnimationFrame(drawn), 100))")

    expect(page.locator("li.journey")).to_have_attribute("data-state", "failed", timeout=1)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [(202, '{"status": "accepted"}', "202 Accepted"), (502, "<p>no JSON</p>", "502 Bad Gateway")],
)
def test_any_answer_to_a_sign_up_is_shown(page: Page, small: SmallStack, status: int, body: str, words: str) -> None:
    allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
    page.goto(small.url)
    url = (page.request.get(f"{small.url}api/status").json())["parts"]["create_user"]["address"]
    page.route(url, lambda route: route.fulfill(status=status, body=body, headers=allowed))

    sign_up(page, an_address())

    expect(page.locator("#answer")).to_contain_text(words)
    expect(page.locator("#answer")).to_have_attribute("data-state", "good" if status == 202 else "bad")
    expect(page.locator("#answer")).not_to_contain_text("undefined")


def test_page_opened_before_the_stack_answers_works_once_it_does(page: Page, small: SmallStack) -> None:
    page.route("**/api/status", lambda route: route.fulfill(body="no JSON"), times=1)

    page.goto(small.url)

    expect(page.locator("#status")).to_have_text("Everything is ready")
    expect(page.get_by_role("button", name="Sign up", exact=True)).to_be_enabled()


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("e1 put back\n1 put back, 0 left\n", "1 put back, 0 left. The relay publishes what was put back within 20 s."),
        ("e1 left: its link has expired\n0 put back, 1 left\n", "Left: its link has expired."),
    ],
)
def test_putting_back_is_asked_for_once_and_its_outcome_is_the_commands(
    page: Page, small: SmallStack, output: str, words: str
) -> None:
    asked: list[Route] = []
    page.route("**/api/trouble", lambda route: route.fulfill(json=_TROUBLE))
    page.route("**/api/trouble/redrive", lambda route: asked.append(route))  # noqa: PLW0108  Playwright marks its handlers
    page.goto(f"{small.url}#/trouble")
    button = page.get_by_role("button", name="Put back e1")

    for _ in range(2):
        button.dispatch_event("click")
    expect(button).to_be_disabled()
    asked[0].fulfill(json={"command": "redrive", "output": output, "complete": " 0 left" in output})

    expect(page.locator("#redriven p")).to_have_text(words)
    expect(button).to_be_enabled()
    assert len(asked) == 1


def test_unchanged_trouble_is_not_drawn_again(page: Page, small: SmallStack) -> None:
    page.route("**/api/trouble", lambda route: route.fulfill(json=_TROUBLE))
    page.goto(f"{small.url}#/trouble")
    drawn = page.get_by_role("button", name="Put back e1").element_handle()

    for _ in range(2):  # once the second has come, the first was dealt with
        page.wait_for_event("response", lambda response: response.url.endswith("/api/trouble"))

    assert drawn.evaluate("(button) => button.isConnected")
