"""Problem details (RFC 9457): the error responses of every HTTP function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response

from shared.web.request_body import SECONDS, BodyBrokenError, BodyTooSlowError


@dataclass(frozen=True)
class FieldFault:
    """What is wrong with a field: a stable code, and for people a sentence that begins with the field's name."""

    field: str
    code: str
    message: str


class Problem(Exception):  # noqa: N818  RFC 9457 calls it so
    """A request whose response is an error. `code` is stable; `detail` tells a person what to do."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldFault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}

    def response(self) -> Response:
        document = {"title": self.status.phrase, "status": self.status, "code": self.code, "detail": self.detail}
        if self.errors:
            document["errors"] = self.errors
        body = msgspec.json.encode(document)
        return Response(body, self.status, self.headers, content_type="application/problem+json")


# What exceptions of each type mean to the caller.
Meanings = Mapping[type[Exception], Callable[[Any], Problem]]

_EVERYWHERE: Meanings = {
    Problem: lambda problem: problem,
    BodyTooSlowError: lambda error: Problem(
        error.status, "request-timeout", f"The body must arrive within {SECONDS:g} seconds of the headers."
    ),
    BodyBrokenError: lambda error: Problem(
        error.status, "incomplete-body", "The body is incomplete, or its chunks are malformed."
    ),
}


def problem_of(error: Exception, meanings: Meanings) -> Problem:
    """What an exception means to the caller; an unknown one reveals nothing but that it happened."""
    return {**_EVERYWHERE, **meanings}.get(type(error), _unexpected)(error)


def _unexpected(_: Exception) -> Problem:
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "An unexpected error occurred.")


def try_again(code: str, detail: str, *, seconds: int) -> Problem:
    """A transient failure: 503 with Retry-After."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, code, detail, headers={"Retry-After": str(seconds)})
