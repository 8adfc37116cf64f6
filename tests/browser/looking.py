"""Photographs a page for people to look at, and has axe-core look at it."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import SCREENSHOTS

AXE = Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js"
_SERIOUS = ("serious", "critical")


def photograph(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it is wider than the screen"


def check(page: Page, name: str) -> None:
    photograph(page, name)
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {iframes: false}).then((result) => result.violations)"
    )
    faults = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found if each["impact"] in _SERIOUS]
    assert faults == []
