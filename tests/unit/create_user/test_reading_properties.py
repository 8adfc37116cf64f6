"""Whatever comes in is read or refused: no other exception leaves the decoders."""

import json
from contextlib import suppress
from uuid import UUID

import pytest
from flask import Request
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from create_user.http_request import read_user_id
from create_user.password_blocklist import PasswordBlocklist
from create_user.password_policy import PasswordPolicy
from create_user.sign_up_form import InvalidFormError, read_sign_up
from shared.web.problems import FieldFault, Problem
from shared.web.request import read_members
from testkit.openapi import DOCUMENT

POLICY = PasswordPolicy(minimum_length=15, product_name="Usher", blocklist=PasswordBlocklist.common())
OFTEN = settings(max_examples=300)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
# Names, addresses and passwords of all that Unicode has, lone surrogates included, and some that are nearly right.
TEXTS = st.text(min_size=1) | st.text("a\N{COMBINING ACUTE ACCENT}\u202e \n\0", min_size=10) | st.emails()
MEMBERS = st.dictionaries(st.sampled_from(["name", "email", "password", "company", "plan"]), TEXTS | JSON)
FAULT = DOCUMENT["components"]["schemas"]["InvalidFields"]["properties"]["errors"]["items"]["properties"]["code"]


def request(body: bytes = b"", *headers: tuple[str, str]) -> Request:
    builder = EnvironBuilder(method="POST", data=body, content_type="application/json", headers=headers)
    return Request(builder.get_environ())


def faults_of(members: dict[str, object]) -> list[FieldFault]:
    try:
        read_sign_up(members, POLICY)
    except InvalidFormError as invalid:
        return invalid.faults
    return []


@OFTEN
@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_body_is_an_object_or_a_problem(body: bytes) -> None:
    with suppress(Problem):
        assert isinstance(read_members(request(body)), dict)


@OFTEN
@given(MEMBERS)
def test_any_members_are_a_sign_up_or_documented_faults(members: dict[str, object]) -> None:
    assert {fault.code for fault in faults_of(members)} <= set(FAULT["enum"])


@OFTEN
@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n")))
def test_any_idempotency_key_but_a_uuid_is_a_problem(key: str) -> None:
    with pytest.raises(Problem):
        read_user_id(request(b"", ("Idempotency-Key", key)))


@OFTEN
@given(st.uuids())
def test_every_uuid_names_one_user_in_both_cases_and_in_quotes(key: UUID) -> None:
    spellings = [str(key), str(key).upper(), f'"{key}"', f'"{key}"'.upper()]

    names = {read_user_id(request(b"", ("Idempotency-Key", spelling))) for spelling in spellings}

    assert len(names) == 1
