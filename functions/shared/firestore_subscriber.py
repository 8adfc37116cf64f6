"""What the entry points of all subscribers share: an event is delivered once, and nothing that is pushed disappears."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

import functions_framework
from cloudevents.exceptions import GenericException
from flask import Response, request
from google.cloud.firestore import Client

from shared import logs, subscriber
from shared.deliveries.deliver_once import Lease, deliver_once
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.events.event import Event
from shared.firestore_malformed_events import FirestoreMalformedEvents
from shared.once import once

# What a subscriber does about each type of event: a function of the event and of the act's deadline (monotonic clock).
Acts = Mapping[type[Event], Callable[[Any, float], None]]
# What functions-framework raises where it makes no CloudEvent of a push.
_REJECTIONS = (
    HTTPStatus.BAD_REQUEST,
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

    `effect` names in the logs what its acts do: `mail_sent`. Kept as malformed is also what the framework makes no
    CloudEvent of and refuses, or fails at: what is no JSON.
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

    def handle(self, push: object) -> None:
        """Act on a push once: returning acknowledges it, raising has it redelivered."""
        malformed_events = FirestoreMalformedEvents(self._firestore(), self._name, self._now)
        subscriber.handle(push, self._actions, malformed_events)

    def _keep_rejected(self, _error: Exception) -> Response:
        body = request.get_data()
        if len(body) < (request.content_length or 0):  # the server does not tell that the connection was cut
            logs.warning("event_not_acknowledged", reason="IncompletePush")
            return Response(status=HTTPStatus.BAD_REQUEST)
        self.handle(body)
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
