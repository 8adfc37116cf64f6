"""Reads a request's body within bounds of size and time, so that no client takes an instance's memory or threads."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from io import BytesIO
from threading import Thread
from time import monotonic, sleep
from typing import ClassVar

from flask import Request, Response

from shared.runtime.once import once

SECONDS = 10.0  # for the whole body, counted from the request's head
_PIECE_BYTES = 64 * 1024
_PIECES = 32 * 1024 * 1024 // _PIECE_BYTES + 1  # what Cloud Run lets through over HTTP/1, and its end
_DEADLINE = "usher.body_deadline"  # its key in the request's environment


class BodyError(Exception):
    """The body cannot be read as a whole. `status` is how HTTP tells the caller."""

    status: ClassVar[HTTPStatus]


class BodyTooLargeError(BodyError):
    """It has more bytes than it may have; `beginning` are those and one more."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self, beginning: bytes) -> None:
        super().__init__()
        self.beginning = beginning


class BodyTooSlowError(BodyError):
    """It did not arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT


class BodyBrokenError(BodyError):
    """The connection ended before it did, or one of its chunks is malformed."""

    status = HTTPStatus.BAD_REQUEST


def read_body(request: Request, *, limit_bytes: int) -> bytes:
    """
    Return the whole body.

    Raises:
        BodyError: Its subclasses say what is wrong with it.
    """
    body = _read(request, limit_bytes + 1)
    if len(body) > limit_bytes:
        raise BodyTooLargeError(body)
    if len(body) < (request.content_length or 0):  # the server does not report that the connection was cut
        raise BodyBrokenError
    del request.environ[_DEADLINE]  # it was kept: the work that follows may take longer
    return body


def drop_body(request: Request, response: Response) -> None:
    """
    Discard what is left of the body before `response` is sent. The framework would read it into memory.

    It is drained in small pieces, because many clients read no response before they have sent everything. One that does
    not end within the bounds has its connection closed after the response.
    """
    try:
        whole = any(not _read(request, _PIECE_BYTES) for _ in range(_PIECES))
    except BodyError:
        whole = False
    if not whole and (connection := request.environ.get("gunicorn.socket")):
        # Else the server would look for the connection's next request in the rest of this one.
        response.call_on_close(lambda: _shut_down(connection, socket.SHUT_RDWR))
    request.stream = BytesIO()


def _read(request: Request, size: int) -> bytes:
    deadline = request.environ.setdefault(_DEADLINE, monotonic() + SECONDS)
    try:
        with _ending_at(deadline, request.environ.get("gunicorn.socket")):
            piece = request.stream.read(size)
    except Exception as error:  # which ones there are depends on the server
        raise (BodyTooSlowError if monotonic() >= deadline else BodyBrokenError) from error
    if monotonic() >= deadline:
        raise BodyTooSlowError
    return piece


@contextmanager
def _ending_at(deadline: float, connection: socket.socket | None) -> Iterator[None]:
    """Let reads find the connection ended from `deadline` on. A socket's timeout would begin again with each byte."""
    if connection is None:  # not under the server that runs in production
        yield
        return
    deadlines = _watched_deadlines()
    deadlines[connection] = deadline
    try:
        yield
    finally:
        del deadlines[connection]


@once
def _watched_deadlines() -> dict[socket.socket, float]:
    """One thread watches all connections: a timer for each request would cost it a tenth of a millisecond."""
    deadlines: dict[socket.socket, float] = {}
    Thread(target=_watch, args=(deadlines,), daemon=True).start()
    return deadlines


def _watch(deadlines: dict[socket.socket, float]) -> None:
    while True:
        sleep(0.5)
        now = monotonic()
        for connection, deadline in deadlines.copy().items():
            if now >= deadline:
                _shut_down(connection, socket.SHUT_RD)


def _shut_down(connection: socket.socket, how: int) -> None:
    with suppress(OSError):  # it has ended by itself
        connection.shutdown(how)
