"""docs/openapi.yaml says what create_user does. Its end-to-end suite holds every answer against it."""

from collections.abc import Iterator
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
from create_user.sign_up_form import read_sign_up
from shared.events.event import UserId
from shared.web.problems import problem_of
from shared.web.request_body import BodyTooSlowError
from testkit.entry_points import FUNCTIONS, loaded
from testkit.openapi import DOCUMENT, assert_documented

ENVIRONMENT = {"GOOGLE_CLOUD_PROJECT": "usher", "EVENT_TOPIC": "user.created", "PASSWORD_PEPPERS": "1:" + "p" * 32}
JSON = {"Content-Type": "application/json"}
HOLDER = UserId("0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60")
SIGN_UP = DOCUMENT["paths"]["/"]["post"]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with loaded(FUNCTIONS / "create_user" / "main.py", "create_user", ENVIRONMENT) as client:
        transport = httpx.WSGITransport(client.application)
        with httpx.Client(transport=transport, base_url="http://127.0.0.1:8080") as http:
            yield http


def examples(content: dict[str, Any]) -> list[Any]:
    return [content["example"]] if "example" in content else [each["value"] for each in content["examples"].values()]


def problems(status: int) -> list[Any]:
    components = DOCUMENT["components"]["responses"]
    response = {404: components["NotFound"], 405: components["MethodNotAllowed"]}.get(status)
    return examples((response or SIGN_UP["responses"][str(status)])["content"]["application/problem+json"])


def test_document_is_valid_openapi() -> None:
    openapi_spec_validator.validate(DOCUMENT)


@pytest.mark.parametrize("example", examples(SIGN_UP["requestBody"]["content"]["application/json"]))
def test_example_of_a_sign_up_is_valid(example: dict[str, object]) -> None:
    policy = PasswordPolicy(minimum_length=15, product_name="Usher", blocklist=PasswordBlocklist.common())

    assert read_sign_up(example, policy).password == example["password"]


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
    assert without_title(response.json()) in [without_title(example) for example in problems(response.status_code)]


@pytest.mark.parametrize(
    "error",
    [
        EmailTakenError(HOLDER),
        IdempotencyKeyReusedError(HOLDER),
        UsersUnavailableError(),
        BodyTooSlowError(),
        ZeroDivisionError(),
    ],
)
def test_example_of_a_failure_is_the_answer(error: Exception) -> None:
    response = problem_of(error, MEANINGS).response()

    answer = msgspec.json.decode(response.data)
    assert without_title(answer) in [without_title(example) for example in problems(response.status_code)]


def without_title(problem: dict[str, object]) -> dict[str, object]:
    """The status in words is another one in each version of Python."""
    return {name: value for name, value in problem.items() if name != "title"}


def test_preflight_is_documented(client: httpx.Client) -> None:
    assert_documented(client.options("/"))


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
