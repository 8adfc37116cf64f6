"""A real create_user that asks for the mailbox first, on the stack's emulators and in the test's own project."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Request

from testkit.running_function import RunFunction


@pytest.fixture
def url(run_function: RunFunction) -> str:
    return run_function("create_user", VERIFY_EMAIL="true").url


@pytest.fixture
def page(url: str, context: BrowserContext) -> Iterator[Page]:  # noqa: ARG001  the server waits 2 s for open browsers
    """A page that is not opened yet, and never does what its policy forbids."""
    page = context.new_page()
    printed: list[str] = []
    page.on("console", lambda message: printed.append(message.text))
    yield page
    assert [text for text in printed if "Policy" in text] == []


@pytest.fixture
def posts(page: Page) -> list[Request]:
    """What the page has sent."""
    posts: list[Request] = []
    page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    return posts
