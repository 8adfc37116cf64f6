"""create_user where existing accounts are concealed, up to where the store begins."""

import json
from collections.abc import Iterator
from time import monotonic

import pytest
from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

from create_user.http_request import read_user_id
from shared.events.event import UserId
from testkit.builders import sign_up_members
from testkit.entry_points import FUNCTIONS, loaded

ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "usher",
    "EVENT_TOPIC": "user.created",
    "PASSWORD_PEPPERS": "1:" + "p" * 32,
    "CONCEAL_EXISTING_ACCOUNTS": "true",
    "CONCEALED_ANSWER_SECONDS": "5",
}
KEY = "0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60"


@pytest.fixture
def client() -> Iterator[Client]:
    with loaded(FUNCTIONS / "create_user" / "main.py", "create_user", ENVIRONMENT) as client:
        yield client


@pytest.mark.parametrize(
    ("members", "key", "status"),
    [
        (sign_up_members(password="short"), KEY, 422),
        (sign_up_members(), "no-uuid", 400),
        ([], KEY, 400),
    ],
)
def test_what_no_store_was_asked_about_is_answered_at_once(
    client: Client, members: object, key: str, status: int
) -> None:
    started = monotonic()

    response = client.post(
        "/", data=json.dumps(members), content_type="application/json", headers={"Idempotency-Key": key}
    )

    assert response.status_code == status
    assert monotonic() - started < 3


def named(key: str, address: str) -> UserId:
    builder = EnvironBuilder(headers=Headers({"Idempotency-Key": key}))
    return read_user_id(Request(builder.get_environ()), address=address)


def test_key_and_address_name_the_user_together() -> None:
    names = {named(KEY, address) for address in ("", "ewan@example.com", "owen@example.com")}

    assert len(names) == 3


@pytest.mark.parametrize(
    ("one", "other"), [("ewan@example.com", "EWAN@Example.com"), ("ς1@example.com", "Σ1@example.com")]
)
def test_neither_case_of_key_or_address_matters(one: str, other: str) -> None:
    assert named(KEY, one) == named(KEY.upper(), other)


def test_user_that_a_key_and_an_ascii_address_name_stays_the_same() -> None:
    assert named(KEY, "Ewan@example.com") == "b12b8ffa-de4a-5e74-82b0-788c2d697930"
