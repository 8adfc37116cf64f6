"""The two forms of a sign-up that takes the mailbox first: an address alone, and all the rest behind a link."""

import pytest

from create_user.password_blocklist import PasswordBlocklist
from create_user.password_policy import PasswordPolicy
from create_user.sign_up_form import InvalidFormError, read_address, read_sign_up, read_token, read_verified_sign_up
from testkit.builders import PASSWORD, a_new_user, sign_up_members

POLICY = PasswordPolicy(minimum_length=15, product_name="Usher", blocklist=PasswordBlocklist.common())


def test_address_of_a_link_is_taken_as_it_is_and_counts_as_verified() -> None:
    members = {"token": "some token", "name": " Ewan ", "company": None, "password": PASSWORD}

    new_user = read_verified_sign_up(members, POLICY, address="Ewan@example.com")

    assert new_user == a_new_user(email="Ewan@example.com", email_verified=True)


def test_form_behind_a_link_refuses_an_address_and_whatever_a_sign_up_refuses() -> None:
    members = sign_up_members(token="some token", name="", password="ewan@EXAMPLE.com!", nick="E")

    with pytest.raises(InvalidFormError) as invalid:
        read_verified_sign_up(members, POLICY, address="ewan@example.com")

    assert [(fault.field, fault.code) for fault in invalid.value.faults] == [
        ("name", "required"),
        ("password", "too-personal"),
        ("email", "unknown"),
        ("nick", "unknown"),
    ]


@pytest.mark.parametrize(("token", "code"), [(None, "required"), ("", "required"), (5, "not-a-string")])
def test_token_is_missed_before_anything_else_is_looked_at(token: object, code: str) -> None:
    with pytest.raises(InvalidFormError) as invalid:
        read_token(sign_up_members(token=token, name=""))

    assert [(fault.field, fault.code) for fault in invalid.value.faults] == [("token", code)]


def test_token_is_unknown_where_there_are_no_links() -> None:
    with pytest.raises(InvalidFormError) as invalid:
        read_sign_up(sign_up_members(token="some token"), POLICY)

    assert [(fault.field, fault.code) for fault in invalid.value.faults] == [("token", "unknown")]


def test_request_takes_an_address_and_nothing_else() -> None:
    assert read_address({"email": "Ewan@EXAMPLE.com"}) == "Ewan@example.com"

    with pytest.raises(InvalidFormError) as invalid:
        read_address({"email": "ewan", "name": "Ewan", "password": PASSWORD})

    assert [(fault.field, fault.code) for fault in invalid.value.faults] == [
        ("email", "invalid-email"),
        ("name", "unknown"),
        ("password", "unknown"),
    ]
