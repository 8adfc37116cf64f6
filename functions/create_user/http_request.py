"""Reads a sign-up from an HTTP request: steps 1 and 2 of docs/architecture.md."""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import NoReturn
from uuid import UUID, uuid4, uuid5

import msgspec
from flask import Request

from shared.events.event import UserId
from shared.web.request_body import BodyTooLargeError, read_body

from .address_key import address_key
from .http_problems import Problem

_BODY_LIMIT_BYTES = 16 * 1024
_QUOTED = re.compile('"(.*)"')  # as draft-ietf-httpapi-idempotency-key-header has it
_USERS = UUID("0d4ff2f4-7d2b-4fb6-b9a5-3cd9e3b41f3a")  # the namespace of user ids made from idempotency keys
EXAMPLE = '{"name":"Ewan","email":"ewan@example.com","password":"plum tractor violet harbour"}'


def check_target(request: Request, *, body: str = "") -> None:
    """
    Accept `POST /` by returning. An example of its `body` goes into the answer to other methods.

    Raises:
        Problem: It is another path or method.
    """
    if request.path != "/":
        nothing_here()
    if request.method != "POST":
        scheme = "https" if request.headers.get("X-Forwarded-Proto") == "https" else request.scheme
        data = f" -H 'Content-Type: application/json' -d '{body}'" if body else ""
        detail = f"Try: curl -i -X POST {scheme}://{request.host or 'localhost'}/{data}"
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", detail, headers={"Allow": "POST, OPTIONS"})


def nothing_here(*_: object) -> NoReturn:
    """
    Refuse a path.

    Raises:
        Problem: Always.
    """
    raise Problem(HTTPStatus.NOT_FOUND, "not-found", "There is nothing here but /.")


def read_user_id(request: Request, *, address: str = "") -> UserId:
    """
    The id of the user to be: named by the Idempotency-Key where there is one, with or without quotes, else random.

    An `address`, in any of its spellings, has its share in the name.

    Raises:
        Problem: The key is no UUID.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return UserId(str(uuid4()))
    if quoted := _QUOTED.fullmatch(key):
        key = quoted[1]
    with suppress(ValueError):
        if str(UUID(key)) == key.lower():  # UUID() reads braces, urn: and stray digits too
            return UserId(str(uuid5(_USERS, key.lower() + address_key(address))))
    detail = "Send one UUID as Idempotency-Key, a new one for each sign-up."
    raise Problem(HTTPStatus.BAD_REQUEST, "malformed-idempotency-key", detail)


def read_members(request: Request) -> Mapping[str, object]:
    """
    The members of the JSON object in the request's body.

    Raises:
        Problem: The body is not a JSON object, is too large or is encoded.
        BodyError: It did not arrive whole and in time.
    """
    if request.mimetype != "application/json":
        detail = "Send the sign-up as JSON, with Content-Type: application/json."
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        detail = "Send the body as it is, without Content-Encoding."
        headers = {"Accept-Encoding": "identity"}
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-content-encoding", detail, headers=headers)
    try:
        body = read_body(request, limit_bytes=_BODY_LIMIT_BYTES)
    except BodyTooLargeError as error:
        detail = f"The body must be at most {_BODY_LIMIT_BYTES} bytes."
        raise Problem(error.status, "body-too-large", detail) from None
    try:
        members = msgspec.json.decode(body, type=dict[str, object])
        json.loads(body, object_pairs_hook=_check_names)  # msgspec takes the last of two in silence
    except (msgspec.DecodeError, ValueError, RecursionError):
        detail = "The body is no JSON object in UTF-8 that names each member once."
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed-json", detail) from None
    return members


def _check_names(members: Sequence[tuple[str, object]]) -> None:
    if len(dict(members)) < len(members):
        raise ValueError("two members of one name")
