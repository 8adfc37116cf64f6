"""Problem details (RFC 9457): what each failure means to the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from math import ceil

import msgspec
from flask import Response

from shared.web.request_body import SECONDS, BodyBrokenError, BodyTooSlowError

from shared.outbox.outbox import OutboxUnavailableError
from .registration import EmailTakenError, IdempotencyKeyReusedError, OverloadedError, UsersUnavailableError
from .sign_up_form import FieldFault, InvalidFormError


class Problem(Exception):  # noqa: N818  RFC 9457 calls it so
    """A request that is answered with an error. `code` is stable; `detail` tells a person what to do."""

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
            document["errors"] = [asdict(error) for error in self.errors]
        body = msgspec.json.encode(document)
        return Response(body, self.status, self.headers, content_type="application/problem+json")


def _try_again(code: str, detail: str, *, seconds: int) -> Problem:
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, code, detail, headers={"Retry-After": str(seconds)})


_INTERNAL = Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong here.")
_MEANINGS = {
    EmailTakenError: Problem(HTTPStatus.CONFLICT, "email-taken", "This address has an account already."),
    IdempotencyKeyReusedError: Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "This Idempotency-Key came with another sign-up before: send a new one.",
    ),
    UsersUnavailableError: _try_again(
        "unavailable",
        "Whether you were signed up is unknown: repeat the request with the same Idempotency-Key.",
        seconds=5,
    ),
    BodyTooSlowError: Problem(
        BodyTooSlowError.status, "request-timeout", f"The body must arrive within {SECONDS:g} seconds of the headers."
    ),
    BodyBrokenError: Problem(
        BodyBrokenError.status, "incomplete-body", "The body is incomplete, or its chunks are malformed."
    ),
    OutboxUnavailableError: _try_again("unavailable", "The outbox did not answer.", seconds=5),
}


def problem_of(error: Exception) -> Problem:
    """What an exception means to the caller; an unknown one means no more than that it happened."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, InvalidFormError):
        detail = "Some fields are not valid: see errors."
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-fields", detail, errors=error.faults)
    if isinstance(error, OverloadedError):
        detail = "Too many sign-ups at once: repeat the request with the same Idempotency-Key."
        return _try_again("overloaded", detail, seconds=ceil(error.expected_wait_seconds))
    return _MEANINGS.get(type(error), _INTERNAL)
