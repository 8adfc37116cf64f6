"""Reads what every HTTP function reads of a request: its target, and the members of its body."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NoReturn

import msgspec
from flask import Request

from shared.web.problems import Problem
from shared.web.request_body import BodyTooLargeError, read_body

_BODY_LIMIT_BYTES = 16 * 1024


def check_target(request: Request) -> None:
    """
    Accept `POST /` by returning.

    Raises:
        Problem: It is another path or method.
    """
    if request.path != "/":
        nothing_here()
    check_post(request)


def check_post(request: Request, *, body: str = "") -> None:
    """
    Accept a POST by returning. An example of its `body` goes into the response to other methods.

    Raises:
        Problem: It is another method.
    """
    if request.method != "POST":
        scheme = "https" if request.headers.get("X-Forwarded-Proto") == "https" else request.scheme
        data = f" -H 'Content-Type: application/json' -d '{body}'" if body else ""
        detail = f"Try: curl -i -X POST {scheme}://{request.host or 'localhost'}{request.path}{data}"
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", detail, headers={"Allow": "POST, OPTIONS"})


def nothing_here(*_: object) -> NoReturn:
    """
    Refuse a path.

    Raises:
        Problem: Always.
    """
    raise Problem(HTTPStatus.NOT_FOUND, "not-found", "Not found.")


def read_members(request: Request) -> Mapping[str, object]:
    """
    The members of the JSON object in the request's body.

    Raises:
        Problem: The body is not a JSON object, is too large or is encoded.
        BodyError: It did not arrive whole and in time.
    """
    if request.mimetype != "application/json":
        detail = "Send the body as JSON, with Content-Type: application/json."
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        detail = "Send the body unencoded, without Content-Encoding."
        headers = {"Accept-Encoding": "identity"}
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-content-encoding", detail, headers=headers)
    try:
        body = read_body(request, limit_bytes=_BODY_LIMIT_BYTES)
    except BodyTooLargeError as error:
        raise Problem(error.status, "body-too-large", f"The body must be at most {_BODY_LIMIT_BYTES} bytes.") from None
    try:
        members = msgspec.json.decode(body, type=dict[str, object])
        json.loads(body, object_pairs_hook=_check_names)  # msgspec silently takes the last of two
    except (msgspec.DecodeError, ValueError, RecursionError):
        detail = "The body must be a UTF-8 JSON object without duplicate keys."
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed-json", detail) from None
    return members


def _check_names(members: Sequence[tuple[str, object]]) -> None:
    if len(dict(members)) < len(members):
        raise ValueError("duplicate key")
