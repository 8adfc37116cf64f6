from http import HTTPStatus

import pytest

from create_user.http_problems import MEANINGS
from create_user.registration import (
    EmailTakenError,
    IdempotencyKeyReusedError,
    OverloadedError,
    UnverifiableError,
    UsersUnavailableError,
)
from create_user.request_rate import TooManyRequestsError
from create_user.sign_up_form import InvalidFormError
from create_user.sign_up_requests import RequestsUnavailableError
from shared.links.sign_up_link import LinkExpiredError, LinkInvalidError
from shared.web.problems import FieldFault, Problem, problem_of
from shared.web.request_body import BodyBrokenError, BodyTooSlowError

PASSING = [
    OverloadedError(2.5),
    UsersUnavailableError(),
    UnverifiableError(),
    RequestsUnavailableError(),
    TooManyRequestsError(0.01),
]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (EmailTakenError(), 409, "email-taken"),
        (IdempotencyKeyReusedError(), 422, "idempotency-key-reused"),
        (OverloadedError(2.5), 503, "overloaded"),
        (UsersUnavailableError(), 503, "unavailable"),
        (UnverifiableError(), 503, "unavailable"),
        (LinkInvalidError(), 400, "link-invalid"),
        (LinkExpiredError(), 410, "link-expired"),
        (RequestsUnavailableError(), 503, "unavailable"),
        (TooManyRequestsError(0.01), 503, "overloaded"),
        (BodyTooSlowError(), 408, "request-timeout"),
        (BodyBrokenError(), 400, "incomplete-body"),
        (InvalidFormError([]), 422, "invalid-fields"),
        (KeyError("anything"), 500, "internal"),
    ],
)
def test_each_failure_has_its_status_and_code(error: Exception, status: int, code: str) -> None:
    response = problem_of(error, MEANINGS).response()

    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    assert response.json
    assert (response.json["status"], response.json["code"]) == (status, code)
    assert response.json["title"] == HTTPStatus(status).phrase


@pytest.mark.parametrize("error", PASSING)
def test_failure_that_passes_says_when_to_try_again(error: Exception) -> None:
    assert int(problem_of(error, MEANINGS).response().headers["Retry-After"]) > 0


def test_invalid_form_lists_its_faults() -> None:
    response = problem_of(InvalidFormError([FieldFault("name", "required", "name is required")]), MEANINGS).response()

    assert response.json
    assert response.json["errors"] == [{"field": "name", "code": "required", "message": "name is required"}]


def test_unknown_failure_says_nothing_about_itself() -> None:
    assert "canary" not in problem_of(KeyError("canary"), MEANINGS).response().get_data(as_text=True)


def test_problem_means_itself() -> None:
    problem = Problem(HTTPStatus.NOT_FOUND, "not-found", "There is nothing here.")

    assert problem_of(problem, MEANINGS) is problem
