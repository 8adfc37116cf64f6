"""What each failure of a sign-up means to the caller."""

from http import HTTPStatus
from math import ceil

from shared.links.sign_up_link import LinkExpiredError, LinkInvalidError
from shared.web.problems import Meanings, Problem, try_again

from .registration import (
    EmailTakenError,
    IdempotencyKeyReusedError,
    OverloadedError,
    UnverifiableError,
    UsersUnavailableError,
)
from .request_rate import TooManyRequestsError
from .sign_up_form import InvalidFormError
from .sign_up_requests import RequestsUnavailableError

MEANINGS: Meanings = {
    InvalidFormError: lambda error: Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-fields",
        "Some fields are invalid: see errors.",
        errors=error.faults,
    ),
    EmailTakenError: lambda _: Problem(
        HTTPStatus.CONFLICT, "email-taken", "An account with this address already exists."
    ),
    IdempotencyKeyReusedError: lambda _: Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "This Idempotency-Key was already used for a different sign-up: send a new one.",
    ),
    UsersUnavailableError: lambda _: try_again(
        "unavailable",
        "It is not known whether the sign-up succeeded: repeat the request with the same Idempotency-Key.",
        seconds=5,
    ),
    UnverifiableError: lambda _: try_again(
        "unavailable",
        "The password cannot be verified at the moment: repeat the request with the same Idempotency-Key.",
        seconds=5,
    ),
    OverloadedError: lambda error: try_again(
        "overloaded",
        "Too many sign-ups at once: repeat the request with the same Idempotency-Key.",
        seconds=ceil(error.expected_wait_seconds),
    ),
    LinkInvalidError: lambda _: Problem(
        HTTPStatus.BAD_REQUEST, "link-invalid", "This is not a link that was mailed: open it as it is in the mail."
    ),
    LinkExpiredError: lambda _: Problem(
        HTTPStatus.GONE, "link-expired", "This link has expired: request another with POST /sign-ups."
    ),
    RequestsUnavailableError: lambda _: try_again(
        "unavailable", "It is not known whether a mail follows: repeat the request.", seconds=5
    ),
    TooManyRequestsError: lambda error: try_again(
        "overloaded", "Too many sign-ups at once: repeat the request.", seconds=ceil(error.wait_seconds)
    ),
}
