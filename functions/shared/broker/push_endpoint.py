"""The HTTP edge of every subscriber: nothing that is pushed disappears, whatever the framework makes of it."""

from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Protocol

import functions_framework
from cloudevents.exceptions import GenericException
from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from shared.broker.pubsub_push import read_push
from shared.contract.log_events import LogEvent
from shared.events.message import Message
from shared.runtime import logs
from shared.web.request_body import BodyError, BodyTooLargeError, drop_body, read_body
from shared.web.server_problems import replace_pages_of_the_server

_PUSH_LIMIT_BYTES = 1024 * 1024  # an event has a few thousand
# What functions-framework raises where it makes no CloudEvent of a push.
_REJECTIONS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    GenericException,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RecursionError,
)


class Subscriber(Protocol):
    """Takes messages. Of both methods, returning acknowledges the message and raising has it redelivered."""

    def handle(self, message: Message) -> None:
        """Act on the event in it."""

    def reject(self, message: Message, reason: str) -> None:
        """Record it, unread."""


def receive_every_push(subscriber: Subscriber) -> None:
    """
    Register with the function's app, while it loads: its subscriber gets what the framework would keep from it, too.

    That is a push that the framework cannot read as a CloudEvent (it is not JSON, for example), and the beginning of a
    push that is too large for an event. Bodies are read within bounds of size and time.
    """
    replace_pages_of_the_server()
    for rejection in _REJECTIONS:
        functions_framework.errorhandler(rejection)(partial(_hand_over_rejected, subscriber))
    current_app.before_request(partial(_read_body, subscriber))
    current_app.after_request(_drop_rest)


def _hand_over_rejected(subscriber: Subscriber, _error: Exception) -> Response | HTTPException:
    try:
        subscriber.handle(read_push(request.get_data()))
    except HTTPException as error:  # raised from here, the framework would take it for a bug
        return error
    return Response(status=HTTPStatus.NO_CONTENT)


def _read_body(subscriber: Subscriber) -> Response | None:
    """Read the body within bounds, before the framework reads it without any."""
    if request.routing_exception:  # not a push: the framework says so
        return None
    try:
        request.stream = BytesIO(read_body(request, limit_bytes=_PUSH_LIMIT_BYTES))
    except BodyTooLargeError as error:
        subscriber.reject(Message(error.beginning, {}), f"the push is larger than {_PUSH_LIMIT_BYTES} bytes")
        return Response(status=HTTPStatus.NO_CONTENT)
    except BodyError as error:
        logs.warning(LogEvent.EVENT_NOT_ACKNOWLEDGED, reason=type(error).__name__)
        return Response(status=error.status)
    return None


def _drop_rest(response: Response) -> Response:
    """Whatever the answer, also to a request that is not a push."""
    drop_body(request, response)
    return response
