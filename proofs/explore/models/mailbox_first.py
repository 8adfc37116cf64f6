"""What people post where the mailbox comes first: `create_user` with its endpoints, paths and problems."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast
from uuid import NAMESPACE_OID, uuid5

from flask import Request

from create_user.endpoint import Endpoint
from create_user.firestore_sign_up_requests import FirestoreSignUpRequests
from create_user.firestore_users import FirestoreUsers
from create_user.http_problems import MEANINGS
from create_user.password_policy import PasswordPolicy
from create_user.request_rate import RequestRate
from create_user.requests_endpoint import RequestsEndpoint
from create_user.verified_endpoint import VerifiedSignUpEndpoint
from proofs.explore.models.delivery import LINK_KEYS
from proofs.explore.models.outside import best_effort, database
from proofs.explore.models.people import ATTACKER, OWNER, Person
from proofs.explore.models.redrive import REDRIVES, redrive
from proofs.explore.replay import Call, ask, wall_clock
from shared.web.responses import answered
from testkit.builders import TRACEPARENT
from testkit.fakes import Passwords

_POLICY = PasswordPolicy(15, "Usher", blocklist=cast("Any", frozenset()))


@dataclass(frozen=True)
class Asks:
    """A request to sign up with one of these addresses."""

    addresses: tuple[str, ...]

    def __call__(self) -> str:
        return _post("/sign-ups", {"email": one_of(*self.addresses)})


def redrives() -> str:
    """Of any kind."""
    return redrive(REDRIVES[one_of(*REDRIVES)])


@dataclass(frozen=True)
class TimePasses:
    """One of these times. At its end the store has deleted what has expired, or not yet."""

    times: tuple[timedelta, ...]

    def __call__(self) -> str:
        ask(Call("time", ("pass", *self.times)))
        return ""


class Trick(StrEnum):
    """What somebody who means harm sends in the place of a form that the page has made."""

    NONE = "as the page does"
    BODY = "with the other's address in the body"
    SPLICED = "the other's address under the MAC of this one"
    NO_LINK = "no token, the other's address in the body"


@dataclass(frozen=True)
class Finishes:
    """
    A sign-up with the token of some link that the person knows. The attacker tries every trick.

    `opening` is that of the page, which has an Idempotency-Key of its own. That the attacker has guessed the key of the
    owner's first opening changes nothing.
    """

    person: Person
    opening: int = 1

    def __call__(self) -> str:
        trick = one_of(*Trick) if self.person is ATTACKER else Trick.NONE
        members = {"name": "Ewan", "password": self.person.password}
        if trick != Trick.NO_LINK:
            token: str = ask(Call("open a link", ("open", self.person)))
            members["token"] = _spliced(token) if trick == Trick.SPLICED else token
        if trick in {Trick.BODY, Trick.NO_LINK}:
            members["email"] = OWNER.address
        return _post("/", members, {"Idempotency-Key": str(uuid5(NAMESPACE_OID, str(self.opening)))})


def one_of(*choices: str) -> str:
    """Each of them, in executions of its own."""
    return str(ask(Call("choose", ("choose", *choices)))) if choices[1:] else choices[0]


def _spliced(token: str) -> str:
    framed, _, mac = token.partition(".")
    *claims, _ = json.loads(urlsafe_b64decode(framed + "=" * (-len(framed) % 4)))
    forged = json.dumps([*claims, OWNER.address], separators=(",", ":")).encode()
    return f"{urlsafe_b64encode(forged).decode().rstrip('=')}.{mac}"


def _post(path: str, members: Mapping[str, str], headers: Mapping[str, str] = MappingProxyType({})) -> str:
    headers = {"traceparent": TRACEPARENT, **headers}
    request = Request.from_values(path, method="POST", json=members, headers=headers)
    response = answered(_endpoint().answer, cast("Request", request), meanings=MEANINGS)
    body = response.get_json()
    return f"{response.status_code} {body.get('code') or body.get('email') or body['status']}"


def _endpoint() -> Endpoint:
    """A process's own, as of an instance that has just started."""
    publish = best_effort()
    finished = VerifiedSignUpEndpoint(
        policy=_POLICY,
        passwords=Passwords(),
        users=FirestoreUsers(database),
        publish=publish,
        now=wall_clock,
        link_keys=LINK_KEYS,
    )
    asked = RequestsEndpoint(rate=RequestRate(a_minute=1), requests=FirestoreSignUpRequests(database), publish=publish)
    return Endpoint({"/": finished, "/sign-ups": asked})
