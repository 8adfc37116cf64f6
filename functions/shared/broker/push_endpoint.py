"""The HTTP edge of every subscriber: nothing that is pushed disappears, whatever it is."""

from http import HTTPStatus
from typing import Protocol

import functions_framework
from flask import Request, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared.broker.pubsub_push import read_push
from shared.contract.log_events import LogEvent
from shared.events.message import Message
from shared.runtime import logs
from shared.web.request_body import BodyError, BodyTooLargeError, drop_body, read_body
from shared.web.server_problems import replace_pages_of_the_server

_PUSH_LIMIT_BYTES = 1024 * 1024  # an event has a few thousand


class Subscriber(Protocol):
    """Takes messages. Of both methods, returning acknowledges the message and raising has it redelivered."""

    def handle(self, message: Message) -> None:
        """Act on the event in it."""

    def reject(self, message: Message, reason: str) -> None:
        """Record it, unread."""


def receive_every_push(subscriber: Subscriber) -> None:
    """Register with the function's app, while it loads: its subscriber gets what the framework would keep from it."""
    replace_pages_of_the_server()
    functions_framework.errorhandler(HTTPStatus.NOT_FOUND)(lambda _: answer_push(request, subscriber))


def answer_push(request: Request, subscriber: Subscriber) -> Response:
    """
    Hand over what was pushed, or the beginning of what is too large for an event.

    The framework would make a CloudEvent of it first: that costs half as much again, and refuses some of it.
    """
    try:
        response = _handed_over(request, subscriber)
    except HTTPException as error:
        response = current_app.make_response(current_app.handle_http_exception(error))
    drop_body(request, response)
    return response


def _handed_over(request: Request, subscriber: Subscriber) -> Response:
    if request.method != "POST":
        raise MethodNotAllowed(["POST"])
    try:
        body = read_body(request, limit_bytes=_PUSH_LIMIT_BYTES)
    except BodyTooLargeError as error:
        subscriber.reject(Message(error.beginning, {}), f"the push is larger than {_PUSH_LIMIT_BYTES} bytes")
        return Response(status=HTTPStatus.NO_CONTENT)
    except BodyError as error:
        logs.warning(LogEvent.EVENT_NOT_ACKNOWLEDGED, reason=type(error).__name__)
        return Response(status=error.status)
    subscriber.handle(read_push(body))
    return Response("OK")
