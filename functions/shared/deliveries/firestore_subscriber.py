"""What the entry points of all subscribers share: an event is delivered once, and nothing that is pushed disappears."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Any

import functions_framework
from cloudevents.exceptions import GenericException
from flask import Response, current_app, request
from google.cloud.firestore import Client
from werkzeug.exceptions import HTTPException

from shared.contract.log_events import LogEvent
from shared.deliveries import subscriber
from shared.deliveries.deliver_once import Lease, deliver_once
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.deliveries.firestore_malformed_events import FirestoreMalformedEvents
from shared.events.codec import Message
from shared.events.event import Event
from shared.runtime import logs
from shared.runtime.once import once
from shared.web.request_body import BodyError, BodyTooLargeError, drop_body, read_body

# What a subscriber does about each type of event: a function of the event and of the act's deadline (monotonic clock).
Acts = Mapping[type[Event], Callable[[Any, float], None]]
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


class FirestoreSubscriber:
    """
    A subscriber that keeps its records in Firestore under its own `name`.

    `effect` names in the logs what its acts do: `mail_sent`. Also kept as malformed: a push that the framework cannot
    read as a CloudEvent (it is not JSON, for example), and the beginning of a push that is too large for an event.
    """

    def __init__(
        self, name: str, acts: Acts, *, effect: str, project: str, lease: Lease, now: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._actions = {kind: partial(self._deliver, act) for kind, act in acts.items()}
        self._effect = effect
        self._lease = lease
        self._now = now
        # Built by the first push: gRPC does not survive the server's fork after import.
        self._firestore = once(partial(Client, project=project))
        for rejection in _REJECTIONS:
            functions_framework.errorhandler(rejection)(self._keep_rejected)
        current_app.before_request(self._read_push)
        current_app.after_request(_drop_rest)

    def handle(self, push: object) -> None:
        """Act on a push once: returning acknowledges it, raising has it redelivered."""
        subscriber.handle(push, self._actions, self._malformed_events())

    def _malformed_events(self) -> FirestoreMalformedEvents:
        return FirestoreMalformedEvents(self._firestore(), self._name, self._now)

    def _read_push(self) -> Response | None:
        """Read the body within bounds, before the framework reads it without any."""
        if request.routing_exception:  # no push: the framework says so
            return None
        try:
            request.stream = BytesIO(read_body(request, limit_bytes=_PUSH_LIMIT_BYTES))
        except BodyTooLargeError as error:
            reason = f"the push is larger than {_PUSH_LIMIT_BYTES} bytes"
            subscriber.reject(Message(error.beginning, {}), reason, self._malformed_events())
            return Response(status=HTTPStatus.NO_CONTENT)
        except BodyError as error:
            logs.warning(LogEvent.EVENT_NOT_ACKNOWLEDGED, reason=type(error).__name__)
            return Response(status=error.status)
        return None

    def _keep_rejected(self, _error: Exception) -> Response | HTTPException:
        try:
            self.handle(request.get_data())
        except HTTPException as error:  # raised from here, the framework would take it for a bug
            return error
        return Response(status=HTTPStatus.NO_CONTENT)

    def _deliver(self, act: Callable[[Any, float], None], event: Event) -> None:
        deliver_once(
            event,
            partial(act, event),
            effect=self._effect,
            deliveries=FirestoreDeliveries(self._firestore(), self._name, event),
            lease=self._lease,
            now=self._now,
        )


def _drop_rest(response: Response) -> Response:
    """Whatever the answer, also to a request that is not a push."""
    drop_body(request, response)
    return response
