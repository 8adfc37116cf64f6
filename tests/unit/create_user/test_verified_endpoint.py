"""`POST /` with a token, on the fakes: the address of the account is that of the link, and of nothing else."""

from dataclasses import dataclass, field

import pytest
from flask import Request, Response
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from create_user.http_request import read_user_id
from create_user.password_blocklist import PasswordBlocklist
from create_user.password_policy import PasswordPolicy
from create_user.sign_up_form import InvalidFormError
from create_user.verified_endpoint import VerifiedSignUpEndpoint
from shared.events.event import UserId
from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.builders import NOW, PASSWORD, TRACEPARENT
from testkit.fakes import Passwords, Users

KEYS = VersionedSecrets.parse("1:" + "k" * 32)
KEY = "0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60"


@dataclass
class Service:
    users: Users = field(default_factory=Users)

    def finish(self, address: str, **changes: object) -> Response:
        """POST what a page posts, under KEY, with a link of this address."""
        members = {"token": SignUpLink.requested_at(NOW, address).token(KEYS), "name": "Ewan", "password": PASSWORD}
        endpoint = VerifiedSignUpEndpoint(
            policy=PasswordPolicy(minimum_length=15, product_name="Usher", blocklist=PasswordBlocklist.common()),
            passwords=Passwords(),
            users=self.users,
            publish=lambda _: None,
            now=lambda: NOW,
            link_keys=KEYS,
        )
        posted = EnvironBuilder(method="POST", json=members | changes, headers=Headers({"Idempotency-Key": KEY}))
        return endpoint.answer(Request(posted.get_environ()), TRACEPARENT)


def test_account_has_the_address_of_the_link() -> None:
    service = Service()

    response = service.finish("Ewan@example.com")

    assert response.status_code == 201
    assert response.json
    assert response.json.keys() == {"id", "name", "company", "email", "created_at"}
    [stored] = service.users.stored.values()
    assert (stored.user.email, stored.email_verified) == (response.json["email"], True) == ("Ewan@example.com", True)


def test_address_beside_the_token_is_refused_even_if_it_is_the_same() -> None:
    service = Service()

    with pytest.raises(InvalidFormError):
        service.finish("ewan@example.com", email="ewan@example.com")

    assert service.users.stored == {}


def test_password_may_not_be_the_address_of_the_link() -> None:
    with pytest.raises(InvalidFormError) as invalid:
        Service().finish("ewan.valentine@example.com", password="Ewan.Valentine@example.com")

    assert [fault.code for fault in invalid.value.faults] == ["too-personal"]


def test_key_signs_each_address_up_that_it_comes_with_and_repeats_each() -> None:
    service = Service()

    answers = [service.finish(address) for address in ("ewan@example.com", "owen@example.com") * 2]

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.data for answer in answers}) == len(service.users.stored) == 2


def named(key: str, address: str) -> UserId:
    builder = EnvironBuilder(headers=Headers({"Idempotency-Key": key}))
    return read_user_id(Request(builder.get_environ()), address=address)


def test_key_and_address_name_the_user_together() -> None:
    assert len({named(KEY, address) for address in ("", "ewan@example.com", "owen@example.com")}) == 3


@pytest.mark.parametrize(
    ("one", "other"), [("ewan@example.com", "EWAN@Example.com"), ("ς1@example.com", "Σ1@example.com")]
)
def test_neither_case_of_key_or_address_matters(one: str, other: str) -> None:
    assert named(KEY, one) == named(KEY.upper(), other)


def test_user_that_a_key_and_an_ascii_address_name_stays_the_same() -> None:
    assert named(KEY, "Ewan@example.com") == "b12b8ffa-de4a-5e74-82b0-788c2d697930"
