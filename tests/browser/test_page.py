"""The page's habits, whatever the system behind it does."""

import time

from playwright.sync_api import BrowserContext, expect

from tests.browser.small_stack import small_stack

_WATCH_FRAMES = """() => {
  window.longestPause = 0;
  let last = performance.now();
  const look = (now) => {
    window.longestPause = Math.max(window.longestPause, now - last);
    last = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def test_hundred_journeys_a_second_do_not_freeze_the_page(context: BrowserContext) -> None:
    with small_stack() as stack:
        page = context.new_page()
        page.goto(stack.url)
        page.evaluate(_WATCH_FRAMES)

        for _ in range(30):
            newest = [*stack.print_journeys(10)][-1]
            time.sleep(0.1)  # the load itself: a hundred a second for three seconds

        expect(page.locator("li.journey").first).to_contain_text(newest)
        expect(page.locator("li.journey")).to_have_count(100)
        longest_pause_ms = page.evaluate("window.longestPause")
    assert longest_pause_ms < 500


def test_page_says_when_the_stack_stops_and_what_to_do(context: BrowserContext) -> None:
    page = context.new_page()
    with small_stack() as stack:
        page.goto(stack.url)
        expect(page.locator("#status")).to_have_text("Everything is ready")
        expect(page.locator("#stopped")).not_to_be_visible()

    expect(page.get_by_role("alert")).to_contain_text("The stack has stopped")
    expect(page.get_by_role("alert")).to_contain_text("make run")


def test_empty_views_say_what_to_do_next(context: BrowserContext) -> None:
    with small_stack() as stack:
        page = context.new_page()
        page.goto(stack.url)

        expect(page.locator("#no-journeys")).to_contain_text("Fill in the form")
        page.get_by_role("link", name="Inbox").click()
        expect(page.locator("#no-mails")).to_contain_text("Sign someone up")
        expect(page).to_have_title("Inbox, Usher's local stack")


def test_everything_is_reached_with_the_keyboard(context: BrowserContext) -> None:
    with small_stack() as stack:
        stack.print_journeys(2)
        page = context.new_page()
        page.goto(stack.url)
        expect(page.locator("li.journey")).to_have_count(2)

        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.locator("#copy").focus()
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('li:last-child > button.head')"):
                break
        page.keyboard.press("Enter")

        last = page.locator("li.journey").last.locator("button.head")
        expect(last).to_have_attribute("aria-expanded", "true")
        expect(last).to_be_focused()
