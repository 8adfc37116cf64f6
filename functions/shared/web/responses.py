"""Answers HTTP requests: what every response carries, whether the function succeeds or fails."""

from collections.abc import Callable, Collection
from http import HTTPStatus

import msgspec
from flask import Request, Response, request
from werkzeug.exceptions import NotFound

from shared.contract.log_events import LogEvent
from shared.runtime import logs, tracing
from shared.web.problems import Meanings, Problem, problem_of
from shared.web.request import nothing_here
from shared.web.request_body import drop_body

EVERY_ANSWER = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_READABLE = "Accept-Encoding, Allow, Retry-After, Vary, X-Content-Type-Options"  # besides those that always are
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type, Idempotency-Key, traceparent",
    "Access-Control-Max-Age": "3600",
}


def answered(
    function: Callable[[Request, str], Response],
    request: Request,
    *,
    meanings: Meanings,
    allowed_origins: Collection[str] = (),
) -> Response:
    """
    Run an HTTP function inside its request's trace, whose traceparent it takes, and turn its exceptions into problems.

    `meanings` are what the function's own exceptions mean. Only pages of the allowed origins may read the response.
    """
    with tracing.continued(request.headers.get("traceparent")) as traceparent:
        try:
            response = function(request, traceparent)
        except Exception as error:  # noqa: BLE001  the entry point: nothing may escape to the framework's error page
            response = _failure(problem_of(error, meanings))
    drop_body(request, response)
    response.headers.update(EVERY_ANSWER)
    if allowed_origins:
        response.vary.add("Origin")
    if (origin := request.headers.get("Origin")) in allowed_origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _READABLE
    return response


def not_found(_: NotFound, *, allowed_origins: Collection[str] = ()) -> Response:
    """The response to `/robots.txt` and `/favicon.ico`, which the framework does not pass to its functions."""
    return answered(nothing_here, request, meanings={}, allowed_origins=allowed_origins)


def json_response(body: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(msgspec.json.encode(body), status, content_type="application/json")


def preflight() -> Response:
    """The response to a browser that asks whether a page of another origin may call."""
    return Response(status=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT)


def _failure(problem: Problem) -> Response:
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logs.error(LogEvent.REQUEST_FAILED, status=problem.status, code=problem.code)
    else:
        logs.info(LogEvent.REQUEST_REJECTED, status=problem.status, code=problem.code)
    return problem.response()
