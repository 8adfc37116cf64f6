"""create_user as functions-framework serves it, up to where the store begins."""

import json
import shlex
from collections.abc import Iterator

import pytest
from werkzeug.test import Client, TestResponse

from shared.runtime.settings import SettingsError
from testkit.builders import sign_up_members
from testkit.entry_points import FUNCTIONS, loaded
from testkit.openapi import DOCUMENT

MAIN = FUNCTIONS / "create_user" / "main.py"
ORIGIN = "https://sign-up.example"
ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "usher",
    "EVENT_TOPIC": "user.created",
    "PASSWORD_PEPPERS": "1:" + "p" * 32,
    "CORS_ORIGINS": ORIGIN,
}


UUID = "0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60"
ODD_UUIDS = [f"{{{UUID}}}", f"urn:uuid:{UUID}", UUID.replace("-", ""), f"{UUID}, {UUID}", f"{UUID},{UUID}"]
HALF_QUOTED_UUIDS = [f'"{UUID}', f'{UUID}"', f"'{UUID}'", f'""{UUID}""', f'"{UUID}";a=1', '""']


@pytest.fixture
def client() -> Iterator[Client]:
    with loaded(MAIN, "create_user", ENVIRONMENT) as client:
        yield client


def post(client: Client, body: bytes | str, **headers: str) -> TestResponse:
    return client.post("/", data=body, headers={"Content-Type": "application/json"} | headers)


def code(response: TestResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    assert response.json
    return response.status_code, response.json["code"]


def test_every_fault_of_a_form_is_listed(client: Client) -> None:
    response = post(client, json.dumps({"name": "", "email": "ewan", "password": "only12chars!", "nick": "E"}))

    assert code(response) == (422, "invalid-fields")
    assert response.json
    assert [error["field"] for error in response.json["errors"]] == ["name", "email", "password", "nick"]
    assert response.json["errors"][2]["message"] == "password must be at least 15 characters (got 12)"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xef\xbb\xbf{}",
        b'{"name":"\xff"}',
        b'{"name":"\\ud800"}',
        b"{'name': 1}",
        b"[" * 10000,
        b'{"a":' * 3000,
        b'{"a":' + b"1" * 5000 + b"}",
        b'{"a":1e999}',
        b'{"name":"Ewan","name":"Eve"}',
        b'{"name":"Ewan","\\u006eame":"Eve"}',
        b'{"company":{"a":1,"a":2}}',
        b'{"company":[{"a":1,"a":2}]}',
    ],
)
def test_body_that_is_not_a_json_object_is_malformed(client: Client, body: bytes) -> None:
    assert code(post(client, body)) == (400, "malformed-json")


def test_body_over_16_kib_is_too_large(client: Client) -> None:
    assert code(post(client, b" " * 16 * 1024 + b"{")) == (413, "body-too-large")
    assert code(post(client, b" " * 1024 * 1024)) == (413, "body-too-large")
    assert code(post(client, b" " * (16 * 1024 - 1) + b"{")) == (400, "malformed-json")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_body_of_another_type_is_unsupported(client: Client, content_type: str) -> None:
    response = post(client, json.dumps(sign_up_members()), **{"Content-Type": content_type})

    assert code(response) == (415, "unsupported-media-type")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "deflate, gzip", "identity, gzip", "x", ""])
def test_body_that_is_said_to_be_encoded_is_unsupported_also_where_it_is_plain(client: Client, encoding: str) -> None:
    response = post(client, "{}", **{"Content-Encoding": encoding})

    assert code(response) == (415, "unsupported-content-encoding")
    assert response.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("encoding", ["identity", " Identity "])
def test_body_that_is_said_to_be_plain_is_read(client: Client, encoding: str) -> None:
    assert code(post(client, "{}", **{"Content-Encoding": encoding})) == (422, "invalid-fields")


def test_charset_of_the_type_is_accepted(client: Client) -> None:
    response = post(client, "{}", **{"Content-Type": "application/json; charset=utf-8"})

    assert code(response) == (422, "invalid-fields")


@pytest.mark.parametrize("key", ["", "1", "not-a-uuid", UUID[:-1], "ü" * 32, *ODD_UUIDS, *HALF_QUOTED_UUIDS])
def test_idempotency_key_that_is_not_a_uuid_is_malformed(client: Client, key: str) -> None:
    response = post(client, json.dumps(sign_up_members()), **{"Idempotency-Key": key})

    assert code(response) == (400, "malformed-idempotency-key")


@pytest.mark.parametrize("path", ["/users", "/x//y", "/%2Fx", "/robots.txt", "/favicon.ico", "/%00", "/%ff", "/..;/"])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
def test_other_path_is_not_found(client: Client, method: str, path: str) -> None:
    response = client.open(path, method=method)

    assert code(response) == (404, "not-found")
    assert response.headers["Cache-Control"] == "no-store"


def test_double_slash_is_not_redirected(client: Client) -> None:
    assert code(client.get("/", environ_overrides={"PATH_INFO": "//"})) == (405, "method-not-allowed")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_method_is_not_allowed(client: Client, method: str) -> None:
    response = client.open("/", method=method)

    assert code(response) == (405, "method-not-allowed")
    assert response.headers["Allow"] == "POST, OPTIONS"


def test_curl_line_of_the_other_method_signs_up(client: Client) -> None:
    detail = client.get("/", base_url="http://127.0.0.1:8080/").get_json()["detail"]

    _, curl = detail.split(": ", 1)
    program, _, _, _, url, _, header, _, body = shlex.split(curl)
    assert (program, url, header) == ("curl", "http://127.0.0.1:8080/", "Content-Type: application/json")
    assert json.loads(body).keys() == sign_up_members().keys()


def test_host_that_is_none_leaves_the_curl_line_whole(client: Client) -> None:
    detail = client.get("/", headers={"Host": "a b"}).get_json()["detail"]

    assert "http://localhost/ " in detail


def test_page_of_an_allowed_origin_may_call(client: Client) -> None:
    response = client.options("/", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})

    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert response.headers["Access-Control-Allow-Methods"] == "POST"
    assert response.headers["Access-Control-Allow-Headers"] == "Content-Type, Idempotency-Key, traceparent"


def test_page_of_another_origin_may_not_call(client: Client) -> None:
    response = client.options("/", headers={"Origin": "https://evil.example"})

    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.headers["Vary"] == "Origin"


def test_page_of_an_allowed_origin_may_read_a_problem_and_every_documented_header(client: Client) -> None:
    response = post(client, "{}", Origin=ORIGIN)

    answers = [
        *(answer for operation in DOCUMENT["paths"]["/"].values() for answer in operation["responses"].values()),
        *DOCUMENT["components"]["responses"].values(),
    ]
    documented = {name for answer in answers for name in answer.get("headers", {})}
    read_by_every_page = {"Cache-Control"}
    readable = set(response.headers["Access-Control-Expose-Headers"].split(", ")) | read_by_every_page
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert {name for name in documented if not name.startswith("Access-Control-")} == readable


def test_no_answer_is_kept_by_caches(client: Client) -> None:
    assert post(client, "{}").headers["Cache-Control"] == "no-store"


def test_rejected_values_are_in_no_log_line(capsys: pytest.CaptureFixture[str]) -> None:
    with loaded(MAIN, "create_user", ENVIRONMENT) as client:
        post(client, json.dumps({"name": "canary\n", "email": "canary", "password": "canary"}))

    lines = capsys.readouterr().out
    assert "request_rejected" in lines
    assert "canary" not in lines


def test_wrong_settings_stop_the_start() -> None:
    with (
        pytest.raises(SettingsError, match="EVENT_TOPIC"),
        loaded(MAIN, "create_user", {"GOOGLE_CLOUD_PROJECT": "usher"}),
    ):
        pass
