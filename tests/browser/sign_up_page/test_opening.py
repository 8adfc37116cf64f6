"""create_user's own page, on a real create_user: what a link opens, and what people and machines do there."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from google.cloud.firestore import Client
from playwright.sync_api import Page, Request, Route, expect

from create_user.http_problems import MEANINGS
from create_user.registration import OverloadedError
from shared.contract.documents import SIGN_UP_REQUESTS, USERS
from shared.web.problems import problem_of
from testkit.canary import NAME, PASSWORD
from testkit.signing_up import an_address
from tests.browser.sign_up_page.visiting import expect_view, finish, lost_reply_of, press, token

# The fragment at the moment when there is something to show for the first time.
_WATCH_FRAGMENT = """new MutationObserver(() => {
  if (document.body) window.fragment ??= location.hash;
}).observe(document, {childList: true, subtree: true});"""
# Its clock goes a thousand times as fast where the page waits for an answer.
_HURRY = """() => {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (milliseconds) => timeout(milliseconds / 1000);
}"""
_PRESS_HIDDEN_ONES_TOO = "(all) => all.forEach((each) => each.click())"


def test_scanner_that_opens_and_presses_everything_changes_nothing(
    page: Page, url: str, posts: list[Request], firestore_client: Client
) -> None:
    def stored() -> dict[str, object]:
        documents = (document for each in firestore_client.collections() for document in each.stream())
        return {document.reference.path: document.update_time for document in documents}

    firestore_client.document(f"{USERS}/somebody").create({"name": "Somebody"})
    before = stored()
    link = f"{url}sign-up#{token(an_address())}"
    for opened in (link, f"{url}sign-up", f"{url}sign-up#{token(an_address(), left=-timedelta(hours=1))}"):
        page.goto("about:blank")
        page.goto(opened)
        found = page.eval_on_selector_all("[href], [src]", "(all) => all.map(({href, src}) => href ?? src)")
        for each in (opened, *found):
            assert page.request.head(each).ok
            assert page.request.get(each).ok
        for thing in page.locator("a:visible, button:visible, label:visible, input:visible").all():
            thing.click()
            page.keyboard.press("Enter")
            expect(page.get_by_role("status")).not_to_have_text("One moment …")
        for _ in range(2):
            page.eval_on_selector_all("a, button, input", _PRESS_HIDDEN_ONES_TOO)
            expect(page.get_by_role("status")).not_to_have_text("One moment …")

    assert stored() == before
    statuses = [response.status for post in posts if (response := post.response())]
    assert len(statuses) > 3
    assert set(statuses) == {422}
    page.goto("about:blank")
    page.goto(link)
    finish(page)
    expect_view(page, "You are signed up")
    assert len(stored()) > len(before)


def test_signing_up_takes_the_keyboard_alone(
    page: Page, url: str, posts: list[Request], firestore_client: Client
) -> None:
    address = an_address()
    page.goto(f"{url}sign-up")
    press(page, "Tab", "nobody", "Enter")
    expect(page.locator("#email-fault")).to_contain_text("@")
    expect(page.get_by_label("Email address")).to_be_focused()
    press(page, "ControlOrMeta+A", address, "Enter")

    expect(page.get_by_role("heading", name="Check your inbox")).to_be_focused()
    expect(page.locator("#sent")).to_contain_text(address)
    expect(page.locator("#sent")).to_contain_text("at most 5 a day")
    [request] = firestore_client.collection(SIGN_UP_REQUESTS).stream()
    assert request.get("mails") == 1
    page.go_back()
    expect_view(page, "Sign up")
    page.go_forward()
    expect_view(page, "Check your inbox")
    press(page, "Tab", "Enter")
    expect_view(page, "Sign up")

    posts.clear()
    page.goto(f"{url}sign-up#{token(address)}")
    press(page, "Tab", NAME, "Tab", "short", "Enter")
    expect(page.locator("#password-fault")).to_have_text("The password must be at least 15 characters (got 5).")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    press(page, "ControlOrMeta+A", PASSWORD, "Tab", "Space")
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    press(page, "Tab", "Enter")

    expect(page.get_by_role("heading", name="You are signed up")).to_be_focused()
    [user] = firestore_client.collection(USERS).stream()
    assert (user.get("name"), user.get("email"), user.get("email_verified")) == (NAME, address, True)
    [key] = {post.headers["idempotency-key"] for post in posts}
    assert str(UUID(key)) == key


def test_token_leaves_the_address_bar_and_survives_reload_back_and_a_second_link(page: Page, url: str) -> None:
    first, second = an_address(), an_address()
    page.add_init_script(_WATCH_FRAGMENT)
    page.goto(f"{url}sign-up?lang=en#{token(first)}")
    expect(page.locator("#finish")).to_contain_text(first)
    assert page.url == f"{url}sign-up?lang=en"
    assert page.evaluate("window.fragment") == ""
    page.reload()
    expect(page.locator("#finish")).to_contain_text(first)

    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.evaluate("(token) => { location.hash = token; }", token(second))
    expect(page.locator("#finish")).to_contain_text(second)
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    assert page.url == f"{url}sign-up?lang=en"
    page.go_back()
    expect(page.locator("#finish")).to_contain_text(first)
    page.go_forward()
    expect(page.locator("#finish")).to_contain_text(second)

    finish(page)
    expect_view(page, "You are signed up")
    assert page.evaluate("history.state.token") is None
    page.reload()
    expect_view(page, "You are signed up")
    page.go_back()
    expect(page.locator("#finish")).to_contain_text(first)


def test_sign_up_is_repeated_with_its_key_until_it_is_known_to_have_succeeded(
    page: Page, url: str, posts: list[Request], firestore_client: Client
) -> None:
    def pass_on(route: Route) -> None:
        """The function is under a path here, as it may be behind a proxy."""
        route.fulfill(response=route.fetch(url=route.request.url.replace("/auth/", "/")))

    def give(status: int, body: str | bytes, **headers: str) -> Callable[[Route], None]:
        return lambda route: route.fulfill(status=status, body=body, headers=headers)

    overloaded = problem_of(OverloadedError(6.5), MEANINGS).response()
    page.route("**/auth/**", pass_on)
    page.goto(f"{url}auth/sign-up#{token(an_address())}")
    for trouble, words in (
        (lost_reply_of(url), "The connection was lost"),
        (give(overloaded.status_code, overloaded.data, **overloaded.headers), "Wait 7 seconds"),
        (give(429, "<p>the edge"), "Press the button again"),
        (give(413, "<p>the edge"), "This did not work (413)"),
    ):
        page.route(f"{url}auth/", trouble, times=1)
        finish(page)
        expect(page.get_by_role("status")).to_contain_text(words)
        expect(page.get_by_label("Name")).to_have_value(NAME)
    page.evaluate(_HURRY)
    page.route(f"{url}auth/", lambda _: None, times=1)
    finish(page)
    expect(page.get_by_role("status")).to_contain_text("The connection was lost")
    page.reload()
    finish(page)

    expect_view(page, "You are signed up")
    assert len(list(firestore_client.collection(USERS).stream())) == 1
    assert {post.url for post in posts} == {f"{url}auth/"}
    assert len(posts) == 6
    assert len({post.headers["idempotency-key"] for post in posts}) == 1
