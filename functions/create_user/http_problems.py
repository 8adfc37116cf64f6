"""What each failure of a sign-up means to the caller."""

from http import HTTPStatus
from math import ceil

from shared.web.problems import Meanings, Problem, try_again

from .registration import EmailTakenError, IdempotencyKeyReusedError, OverloadedError, UsersUnavailableError
from .sign_up_form import InvalidFormError

MEANINGS: Meanings = {
    InvalidFormError: lambda error: Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-fields",
        "Some fields are not valid: see errors.",
        errors=error.faults,
    ),
    EmailTakenError: lambda _: Problem(HTTPStatus.CONFLICT, "email-taken", "This address has an account already."),
    IdempotencyKeyReusedError: lambda _: Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "This Idempotency-Key came with another sign-up before: send a new one.",
    ),
    UsersUnavailableError: lambda _: try_again(
        "unavailable",
        "Whether you were signed up is unknown: repeat the request with the same Idempotency-Key.",
        seconds=5,
    ),
    OverloadedError: lambda error: try_again(
        "overloaded",
        "Too many sign-ups at once: repeat the request with the same Idempotency-Key.",
        seconds=ceil(error.expected_wait_seconds),
    ),
}
