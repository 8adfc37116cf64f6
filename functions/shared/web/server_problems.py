"""Problem documents for requests that the HTTP server, gunicorn, refuses before the function sees them."""

from http import HTTPStatus
from socket import socket

from gunicorn import util  # type: ignore[import-untyped]  # gunicorn brings no types

from shared.web.problems import Problem
from shared.web.responses import EVERY_ANSWER

_PROBLEMS = {
    HTTPStatus.EXPECTATION_FAILED: ("expectation-failed", "Send no Expect header but 100-continue."),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        "headers-too-large",
        "Send at most 100 headers of at most 8190 bytes each.",
    ),
    HTTPStatus.NOT_IMPLEMENTED: (
        "unsupported-transfer-encoding",
        "Send the body with Content-Length, or with Transfer-Encoding: chunked.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("internal", "An unexpected error occurred."),
}
_OTHERWISE = ("malformed-request", "The request line or a header is not valid HTTP/1.1.")


def replace_pages_of_the_server() -> None:
    """Call while the function loads. gunicorn has no setting for its pages, and they quote the request: decision 17."""
    util.write_error = _write_problem


def _write_problem(connection: socket, status: int, _reason: str, _quoting: str) -> None:
    code, detail = _PROBLEMS.get(HTTPStatus(status), _OTHERWISE)
    response = Problem(HTTPStatus(status), code, detail, headers={"Connection": "close", **EVERY_ANSWER}).response()
    util.write_nonblock(connection, f"HTTP/1.1 {response.status}\r\n{response.headers}".encode() + response.get_data())
