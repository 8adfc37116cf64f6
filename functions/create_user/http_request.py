"""Reads a sign-up from an HTTP request: steps 1 and 2 of docs/architecture.md."""

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID, uuid4, uuid5

import msgspec
from flask import Request
from werkzeug.exceptions import BadRequest

from shared.events.user_created import UserId

from .http_problems import Problem

_BODY_LIMIT_BYTES = 16 * 1024
_USERS = UUID("0d4ff2f4-7d2b-4fb6-b9a5-3cd9e3b41f3a")  # the namespace of user ids made from idempotency keys
EXAMPLE = '{"name":"Ewan","email":"ewan@example.com","password":"plum tractor violet harbour"}'


def check_target(request: Request, *, body: str = "") -> None:
    """
    Accept `POST /` by returning. An example of its `body` goes into the answer to other methods.

    Raises:
        Problem: It is another path or method.
    """
    if request.path != "/":
        raise Problem(HTTPStatus.NOT_FOUND, "not-found", "There is nothing here but /.")
    if request.method != "POST":
        scheme = "https" if request.headers.get("X-Forwarded-Proto") == "https" else request.scheme
        data = f" -H 'Content-Type: application/json' -d '{body}'" if body else ""
        detail = f"Try: curl -i -X POST {scheme}://{request.host}/{data}"
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", detail, headers={"Allow": "POST, OPTIONS"})


def read_user_id(request: Request) -> UserId:
    """
    The id of the user to be: named by the Idempotency-Key where there is one, else random.

    Raises:
        Problem: The key is no UUID.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return UserId(str(uuid4()))
    try:
        return UserId(str(uuid5(_USERS, str(UUID(key)))))
    except ValueError:
        detail = "Send a UUID as Idempotency-Key, a new one for each sign-up."
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed-idempotency-key", detail) from None


def read_members(request: Request) -> Mapping[str, object]:
    """
    The members of the JSON object in the request's body.

    Raises:
        Problem: The body is no JSON object or is too large.
    """
    if request.mimetype != "application/json":
        detail = "Send the sign-up as JSON, with Content-Type: application/json."
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
    # Not by `max_content_length`: the framework reads the rest before it answers, and would answer 500.
    try:
        body = request.stream.read(_BODY_LIMIT_BYTES + 1)
    except (OSError, BadRequest):
        raise Problem(HTTPStatus.BAD_REQUEST, "incomplete-body", "The body ended before its time.") from None
    if len(body) > _BODY_LIMIT_BYTES:
        detail = f"The body may have {_BODY_LIMIT_BYTES} bytes."
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", detail)
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed-json", "The body is no JSON object in UTF-8.") from None
