"""Debian's chromium, driven by Playwright, on the real local stack."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from testkit.polling import PATIENCE_SECONDS
from testkit.stack import LocalStack

SCREENSHOTS = Path(__file__).parents[2] / "build/screenshots"
CHROMIUM = shutil.which("chromium")
expect.set_options(timeout=PATIENCE_SECONDS * 1000)


def pytest_runtest_setup() -> None:
    """Skip before anything starts, and at one place: the summary shows it as one line."""
    if not CHROMIUM:
        pytest.skip("there is no chromium here: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file at a time: while Playwright runs, no other test of this process could run an event loop."""
    with sync_playwright() as playwright:
        # Chromium's sandbox does not start for root, as which CI's containers run.
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"] if os.getuid() == 0 else []
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without a past. No page of it may fail in a script or ask for anything beyond this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 820})
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    hosts: set[str | None] = set()
    faults: list[str] = []
    context.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context
    context.close()
    assert hosts <= {"127.0.0.1"}
    assert faults == []


@pytest.fixture
def page(context: BrowserContext, stack: LocalStack) -> Page:
    """The local UI, opened."""
    page = context.new_page()
    page.goto(stack.ui_url)
    return page
