"""docs/openapi.yaml says what create_user does. Its end-to-end suite holds every answer against it."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import httpx
import msgspec
import openapi_spec_validator
import pytest
from openapi_core.exceptions import OpenAPIError

from create_user.http_problems import MEANINGS
from create_user.password_blocklist import PasswordBlocklist
from create_user.password_policy import PasswordPolicy
from create_user.registration import EmailTakenError, IdempotencyKeyReusedError, UsersUnavailableError
from create_user.request_rate import TooManyRequestsError
from create_user.sign_up_form import read_address, read_sign_up, read_verified_sign_up
from create_user.sign_up_requests import RequestsUnavailableError
from shared.links.sign_up_link import LinkExpiredError, LinkInvalidError
from shared.web.problems import problem_of
from shared.web.request_body import BodyTooSlowError
from testkit.entry_points import FUNCTIONS, loaded
from testkit.openapi import DOCUMENT, assert_documented

ENVIRONMENT = {"GOOGLE_CLOUD_PROJECT": "usher", "EVENT_TOPIC": "user.created", "PASSWORD_PEPPERS": "1:" + "p" * 32}
JSON = {"Content-Type": "application/json"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MAILBOX_FIRST = {"VERIFY_EMAIL": "true", "LINK_KEYS": "1:" + "k" * 32}
SIGN_UP, REQUEST = DOCUMENT["paths"]["/"]["post"], DOCUMENT["paths"]["/sign-ups"]["post"]
POLICY = PasswordPolicy(minimum_length=15, product_name="Usher", blocklist=PasswordBlocklist.common())


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with served(ENVIRONMENT) as client:
        yield client


@pytest.fixture
def mailbox_first() -> Iterator[httpx.Client]:
    with served(ENVIRONMENT | MAILBOX_FIRST) as client:
        yield client


@contextmanager
def served(environment: dict[str, str]) -> Iterator[httpx.Client]:
    with loaded(FUNCTIONS / "create_user" / "main.py", "create_user", environment) as client:
        transport = httpx.WSGITransport(client.application)
        with httpx.Client(transport=transport, base_url="http://127.0.0.1:8080") as http:
            yield http


def examples(content: dict[str, Any]) -> list[Any]:
    return [content["example"]] if "example" in content else [each["value"] for each in content["examples"].values()]


def problems(status: int, operation: dict[str, Any] = SIGN_UP) -> list[Any]:
    components = DOCUMENT["components"]["responses"]
    response = {404: components["NotFound"], 405: components["MethodNotAllowed"]}.get(status)
    return examples((response or operation["responses"][str(status)])["content"]["application/problem+json"])


def test_document_is_valid_openapi() -> None:
    openapi_spec_validator.validate(DOCUMENT)


@pytest.mark.parametrize("example", examples(SIGN_UP["requestBody"]["content"]["application/json"]))
def test_example_of_a_sign_up_is_valid(example: dict[str, object]) -> None:
    if "token" in example:
        read = read_verified_sign_up(example, POLICY, address="ewan@example.com")
    else:
        read = read_sign_up(example, POLICY)

    assert read.password == example["password"]


@pytest.mark.parametrize("example", examples(REQUEST["requestBody"]["content"]["application/json"]))
def test_example_of_a_request_is_valid(example: dict[str, object]) -> None:
    assert read_address(example) == example["email"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("GET", "/", {}, ""),
        ("POST", "/users", {}, ""),
        ("GET", "/robots.txt", {}, ""),
        ("POST", "/", {"Content-Type": "text/plain"}, "{}"),
        ("POST", "/", JSON | {"Content-Encoding": "gzip"}, "{}"),
        ("POST", "/", JSON, "{"),
        ("POST", "/", JSON, " " * 16385),
        ("POST", "/", JSON, '{"name":"E","email":"e@example.com","password":"only12chars!"}'),
    ],
)
def test_example_of_a_problem_is_the_answer(
    client: httpx.Client, method: str, path: str, headers: dict[str, str], body: str
) -> None:
    response = client.request(method, path, content=body, headers=headers)

    assert_documented(response)
    assert without_title(response.json()) in map(without_title, problems(response.status_code))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/sign-ups", "{"),
        ("POST", "/sign-ups", "{}"),
        ("POST", "/sign-ups", " " * 16385),
        ("POST", "/", '{"token":"forged","name":"Ewan","password":"plum tractor violet harbour"}'),
    ],
)
def test_example_of_a_problem_is_the_answer_where_the_mailbox_comes_first(
    mailbox_first: httpx.Client, method: str, path: str, body: str
) -> None:
    response = mailbox_first.request(method, path, content=body, headers=JSON)

    assert_documented(response)
    operation = DOCUMENT["paths"][path][method.lower()]
    assert without_title(response.json()) in map(without_title, problems(response.status_code, operation))


@pytest.mark.parametrize("settings", [{}, MAILBOX_FIRST], ids=["open", "mailbox first"])
def test_every_method_of_every_path_is_documented_in_both_modes(settings: dict[str, str]) -> None:
    with served(ENVIRONMENT | settings) as client:
        for path, method in product(("/", "/sign-ups", "/sign-up"), METHODS):
            assert_documented(client.request(method, path, content="{}", headers=JSON))


@pytest.mark.parametrize(
    ("error", "operation"),
    [
        (EmailTakenError(), SIGN_UP),
        (IdempotencyKeyReusedError(), SIGN_UP),
        (UsersUnavailableError(), SIGN_UP),
        (LinkInvalidError(), SIGN_UP),
        (LinkExpiredError(), SIGN_UP),
        (BodyTooSlowError(), SIGN_UP),
        (ZeroDivisionError(), SIGN_UP),
        (RequestsUnavailableError(), REQUEST),
        (TooManyRequestsError(5), REQUEST),
        (BodyTooSlowError(), REQUEST),
        (ZeroDivisionError(), REQUEST),
    ],
)
def test_example_of_a_failure_is_the_answer(error: Exception, operation: dict[str, Any]) -> None:
    response = problem_of(error, MEANINGS).response()

    answer = msgspec.json.decode(response.data)
    assert without_title(answer) in map(without_title, problems(response.status_code, operation))


def without_title(problem: dict[str, object]) -> dict[str, object]:
    """The status in words is another one in each version of Python."""
    return {name: value for name, value in problem.items() if name != "title"}


@pytest.mark.parametrize("headers", [{"Cache-Control": ""}, {"Allow": "GET"}, {"Content-Type": "text/html"}])
def test_answer_with_other_headers_is_not_documented(client: httpx.Client, headers: dict[str, str]) -> None:
    response = client.get("/")
    response.headers.update(headers)

    with pytest.raises(OpenAPIError):
        assert_documented(response)


@pytest.mark.parametrize("change", [{"status_code": 418}, {"_content": b"{}"}, {"_content": b"<html>"}])
def test_answer_with_another_status_or_body_is_not_documented(client: httpx.Client, change: dict[str, Any]) -> None:
    response = client.get("/")
    vars(response).update(change)

    with pytest.raises(OpenAPIError):
        assert_documented(response)
