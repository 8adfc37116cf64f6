"""The page that a link opens, as it is served: what it may do, and where there is none."""

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from testkit.entry_points import FUNCTIONS, loaded

MAIN = FUNCTIONS / "create_user" / "main.py"
OPEN = {
    "GOOGLE_CLOUD_PROJECT": "usher",
    "EVENT_TOPIC": "user.created",
    "PASSWORD_PEPPERS": "1:" + "p" * 32,
    "PRODUCT_NAME": "Tom & <Ann>",
}
PAGES = {"/sign-up": "text/html", "/sign-up.js": "text/javascript", "/sign-up.css": "text/css"}


@pytest.fixture
def client() -> Iterator[Client]:
    with loaded(MAIN, "create_user", OPEN | {"VERIFY_EMAIL": "true", "LINK_KEYS": "1:" + "k" * 32}) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_pages_run_nothing_from_elsewhere_and_are_kept_nowhere(client: Client, path: str, method: str) -> None:
    response = client.open(path, method=method)

    assert (response.status_code, response.content_type) == (200, f"{PAGES[path]}; charset=utf-8")
    assert bool(response.data) == (method == "GET")
    assert set(response.headers["Content-Security-Policy"].split("; ")) == {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    }
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "://" not in response.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_pages_are_only_read(client: Client, path: str, method: str) -> None:
    response = client.open(path, method=method)

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


def test_page_names_the_product_as_text(client: Client) -> None:
    html = client.get("/sign-up").text

    assert "<title>Sign up, Tom &amp; &lt;Ann&gt;</title>" in html
    assert "<Ann>" not in html
    assert not re.search(r"[{}]", html), "something was not filled in"


def test_page_has_no_form_that_a_browser_could_send_by_itself(client: Client) -> None:
    forms = re.findall(r"<form[^>]*>", client.get("/sign-up").text)

    assert forms
    assert all('method="dialog"' in form and "action" not in form for form in forms)


@pytest.mark.parametrize("path", PAGES)
def test_open_mode_has_no_page(path: str) -> None:
    with loaded(MAIN, "create_user", OPEN) as client:
        assert client.get(path).status_code == 404
