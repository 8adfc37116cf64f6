"""What browsers and caches may do with create_user's answers."""

import json
from collections.abc import Iterator

import pytest
from werkzeug.test import Client, TestResponse

from testkit.entry_points import FUNCTIONS, loaded

MAIN = FUNCTIONS / "create_user" / "main.py"
ORIGIN = "https://sign-up.example"
ENVIRONMENT = {"GOOGLE_CLOUD_PROJECT": "usher", "EVENT_TOPIC": "user.created", "PASSWORD_PEPPERS": "1:" + "p" * 32}
FORM = json.dumps({"name": "Ewan", "email": "ewan@example.com", "password": "plum tractor violet harbour"})


@pytest.fixture
def client() -> Iterator[Client]:
    with loaded(MAIN, "create_user", ENVIRONMENT | {"CORS_ORIGINS": ORIGIN}) as client:
        yield client


def ask(client: Client, method: str, path: str, body: str, content_type: str) -> TestResponse:
    return client.open(path, method=method, data=body, headers={"Content-Type": content_type, "Origin": ORIGIN})


@pytest.mark.parametrize(
    ("status", "method", "path", "body", "content_type"),
    [
        (204, "OPTIONS", "/", "", ""),
        (400, "POST", "/", "{", "application/json"),
        (404, "POST", "/users", FORM, "application/json"),
        (404, "GET", "/favicon.ico", "", ""),
        (405, "GET", "/", "", ""),
        (413, "POST", "/", "{" * 20000, "application/json"),
        (415, "POST", "/", FORM, "text/plain"),
        (422, "POST", "/", "{}", "application/json"),
    ],
)
def test_every_answer_forbids_caching_and_guessing_its_type(
    client: Client, status: int, method: str, path: str, body: str, content_type: str
) -> None:
    response = ask(client, method, path, body, content_type)

    assert response.status_code == status
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://sign-up.example.evil.example", "http://sign-up.example", "null", "*"]
)
def test_answers_are_not_open_to_origins_that_the_setting_does_not_name(client: Client, origin: str) -> None:
    response = client.options("/", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})

    assert "Access-Control-Allow-Origin" not in response.headers
