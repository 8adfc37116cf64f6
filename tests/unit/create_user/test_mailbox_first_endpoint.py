"""create_user where the mailbox comes first, as functions-framework serves it, up to where the store begins."""

import json
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product

import pytest
from werkzeug.test import Client, TestResponse

from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.builders import PASSWORD, sign_up_members
from testkit.entry_points import FUNCTIONS, loaded

MAIN = FUNCTIONS / "create_user" / "main.py"
ORIGIN = "https://sign-up.example"
OPEN = {
    "GOOGLE_CLOUD_PROJECT": "usher",
    "EVENT_TOPIC": "user.created",
    "PASSWORD_PEPPERS": "1:" + "p" * 32,
    "LINK_KEYS": "1:" + "k" * 32,
    "CORS_ORIGINS": ORIGIN,
}
ENVIRONMENT = OPEN | {"VERIFY_EMAIL": "true", "SIGN_UPS_A_MINUTE": "7", "MAX_INSTANCES": "6"}
NEW_PATHS = ("/sign-ups", "/sign-up", "/sign-up.js", "/sign-up.css")
LINK = SignUpLink.requested_at(datetime.now(UTC), "ewan@canary.example")
TOKEN = LINK.token(VersionedSecrets.parse("1:" + "k" * 32))
FORGED = LINK.token(VersionedSecrets.parse("1:" + "f" * 32))
OF_ANOTHER_VERSION = LINK.token(VersionedSecrets.parse("2:" + "k" * 32))


@pytest.fixture
def client() -> Iterator[Client]:
    with loaded(MAIN, "create_user", ENVIRONMENT) as client:
        yield client


def post(client: Client, path: str, members: object, **headers: str) -> TestResponse:
    return client.post(path, data=json.dumps(members), content_type="application/json", headers=headers)


def code(response: TestResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    assert response.json
    return response.status_code, response.json["code"]


def faulty_fields(response: TestResponse) -> list[str]:
    assert response.json
    return [error["field"] for error in response.json["errors"]]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (FORGED, (400, "link-invalid")),
        (f"{TOKEN}A", (400, "link-invalid")),
        ("canary", (400, "link-invalid")),
        (OF_ANOTHER_VERSION, (410, "link-expired")),
    ],
)
def test_token_is_looked_at_before_the_form_and_the_key(client: Client, token: str, expected: tuple[int, str]) -> None:
    response = post(client, "/", {"token": token, "name": 5, "nick": "E"}, **{"Idempotency-Key": "not-a-uuid"})

    assert code(response) == expected


def test_sign_up_without_a_token_is_refused_for_that_alone(client: Client) -> None:
    response = post(client, "/", sign_up_members())

    assert code(response) == (422, "invalid-fields")
    assert faulty_fields(response) == ["token"]


def test_form_is_looked_at_before_the_key_and_takes_no_address(client: Client) -> None:
    members = sign_up_members(token=TOKEN, password="short")

    response = post(client, "/", members, **{"Idempotency-Key": "not-a-uuid"})

    assert code(response) == (422, "invalid-fields")
    assert faulty_fields(response) == ["password", "email"]


def test_key_that_is_not_a_uuid_is_malformed_behind_a_link_too(client: Client) -> None:
    members = {"token": TOKEN, "name": "Ewan", "password": PASSWORD}

    assert code(post(client, "/", members, **{"Idempotency-Key": "1"})) == (400, "malformed-idempotency-key")


@pytest.mark.parametrize(
    ("members", "fields"),
    [({}, ["email"]), ({"email": "ewan"}, ["email"]), (sign_up_members(), ["name", "password"])],
)
def test_request_that_is_not_an_address_alone_lists_its_faults(
    client: Client, members: object, fields: list[str]
) -> None:
    response = post(client, "/sign-ups", members)

    assert code(response) == (422, "invalid-fields")
    assert faulty_fields(response) == fields


def test_ceiling_is_each_instances_share_and_counts_valid_requests_before_the_store_is_asked(client: Client) -> None:
    for _ in range(3):
        assert code(post(client, "/sign-ups", {"email": "ewan"})) == (422, "invalid-fields")
    assert code(post(client, "/sign-ups", {"email": "ewan@example.com"})) == (503, "unavailable")

    for address in ("ewan@example.com", "owen@example.com"):
        refused = post(client, "/sign-ups", {"email": address})
        assert code(refused) == (503, "overloaded")
        assert 50 < int(refused.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("path", ["/", "/sign-ups"])
def test_page_of_an_allowed_origin_may_ask_and_finish(client: Client, path: str) -> None:
    preflight = client.options(path, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})
    answer = post(client, path, {}, Origin=ORIGIN)

    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST"
    assert {each.headers["Access-Control-Allow-Origin"] for each in (preflight, answer)} == {ORIGIN}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("path", "members"), [("/", {"token", "name", "password"}), ("/sign-ups", {"email"})])
def test_curl_line_of_the_other_method_fits_the_path(client: Client, path: str, members: set[str]) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        response = client.open(path, method=method, base_url="http://127.0.0.1:8080/")

        assert (response.status_code, response.headers["Allow"]) == (405, "POST, OPTIONS")
        if method != "HEAD":
            *_, url, _, _, _, body = shlex.split(response.get_json()["detail"])
            assert (url, json.loads(body).keys()) == (f"http://127.0.0.1:8080{path}", members)


def test_neighbouring_path_is_not_found(client: Client) -> None:
    for path in ("/sign-ups/", "/sign-ups/x", "/Sign-ups", "/sign-upss", "/sign-up/"):
        assert code(post(client, path, {"email": "ewan@example.com"})) == (404, "not-found")


def test_open_mode_knows_none_of_it_even_with_keys() -> None:
    with loaded(MAIN, "create_user", OPEN) as client:
        for path, method in product(NEW_PATHS, ("GET", "POST", "OPTIONS")):
            assert code(client.open(path, method=method)) == (404, "not-found")


def test_open_mode_refuses_a_token_as_an_unknown_member() -> None:
    with loaded(MAIN, "create_user", OPEN) as client:
        response = post(client, "/", sign_up_members(token=TOKEN))

    assert code(response) == (422, "invalid-fields")
    assert faulty_fields(response) == ["token"]


def test_neither_token_nor_address_is_in_a_log_line_or_a_problem(capsys: pytest.CaptureFixture[str]) -> None:
    forms = [
        {"token": token, "name": "canary\n", "password": "canary"}
        for token in (TOKEN, FORGED, OF_ANOTHER_VERSION, f"{TOKEN}canary")
    ]
    with loaded(MAIN, "create_user", ENVIRONMENT) as client:
        answers = [post(client, "/", form) for form in forms]
        answers.append(post(client, "/sign-ups", {"email": "canary\n@example.com"}))

    written = capsys.readouterr().out + "".join(answer.get_data(as_text=True) for answer in answers)
    assert written.count("request_rejected") == 5
    assert not any(secret in written for secret in ("canary", *TOKEN.split("."), *FORGED.split(".")))
