"""A repeat verifies the password against the stored hash, whatever its characters and the pepper of the time."""

import unicodedata
from uuid import uuid4

import pytest
from google.cloud.firestore import Client

from testkit.canary import PEPPERS
from testkit.running_function import RunFunction
from testkit.signing_up import members, sign_up
from testkit.stack import LocalStack

CYRILLIC = "Ёжик в тумане несёт узелок малинового варенья друзьям медвежатам"
EMOJI = "\N{HEDGEHOG}\N{FOGGY}\N{BEAR FACE}\N{HONEY POT}\N{SNOWMAN}\N{OWL}\N{FOX FACE}\N{MAPLE LEAF}" * 8


@pytest.mark.parametrize(
    "password", [CYRILLIC, EMOJI, "".join(map(chr, range(0xAC00, 0xAD00)))], ids=["Cyrillic", "emoji", "longest"]
)
def test_passphrase_is_the_same_in_each_form_of_unicode_and_no_other(stack: LocalStack, password: str) -> None:
    body, key = members(), str(uuid4())
    composed, decomposed = (unicodedata.normalize(form, password) for form in ("NFC", "NFD"))

    answers = [
        sign_up(stack.create_user_url, body | {"password": text}, key=key)
        for text in (composed, decomposed, password[:-1] + "!")
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert answers[0].json() == answers[1].json()


def test_password_of_before_a_rotation_of_peppers_is_still_verified(
    run_function: RunFunction, firestore_client: Client
) -> None:
    body, key, other = members(), str(uuid4()), members()
    first = sign_up(run_function("create_user").url, body, key=key)
    rotated = run_function("create_user", PASSWORD_PEPPERS=f"{PEPPERS}\n2:canary-pepper-of-the-second-version-000")

    again = sign_up(rotated.url, body, key=key)
    sign_up(rotated.url, other)

    users = {user.get("email"): user.get("password") for user in firestore_client.collection("users").get()}
    assert (first.status_code, again.status_code) == (201, 201)
    assert users[body["email"]].keys() == {"scheme", "hash", "rounds", "pepper_version"}
    assert [users[each["email"]]["pepper_version"] for each in (body, other)] == ["1", "2"]


@pytest.mark.parametrize(
    ("password", "code"), [("Passw0rd!Passw0rd!", "too-common"), ("Ewan CanaryEwan Canary", "too-personal")]
)
def test_password_that_is_easily_guessed_is_refused_with_the_reason(
    stack: LocalStack, password: str, code: str
) -> None:
    response = sign_up(stack.create_user_url, members(password=password))

    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert (error["field"], error["code"]) == ("password", code)
