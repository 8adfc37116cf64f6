"""A function that keeps what reaches it. Its tests load it as functions-framework does."""

import logging
from collections.abc import Callable

import functions_framework
from flask import Request, Response

from shared.broker.push_endpoint import answer_push, receive_every_push
from shared.deliveries import subscriber
from shared.deliveries.delivery import Attempt
from shared.events.event import Event
from shared.events.message import Message
from shared.events.user_created import UserCreated
from shared.runtime import tracing
from testkit.builders import NOW
from testkit.fakes import MalformedEvents

ATTEMPT = Attempt(deadline=30.0, claimed_at=NOW)
malformed_events = MalformedEvents()
events: list[UserCreated] = []
traces: list[str | None] = []
failures: list[Exception] = []


class RecordingSubscriber:
    def handle(self, message: Message) -> None:
        subscriber.handle(message, {UserCreated: _act}, deliver=_deliver, malformed_events=malformed_events)

    def reject(self, message: Message, reason: str) -> None:
        subscriber.reject(message, reason, malformed_events)


def _deliver(_event: Event, act: Callable[[Attempt], None]) -> None:
    act(ATTEMPT)


def _act(event: UserCreated, attempt: Attempt) -> None:
    assert attempt == ATTEMPT
    logging.getLogger("some.library").warning("a library's line")
    if failures:
        raise failures.pop()
    events.append(event)
    traces.append(tracing.current_trace_id())


_subscriber = RecordingSubscriber()
receive_every_push(_subscriber)


@functions_framework.http
def receive(request: Request) -> Response:
    return answer_push(request, _subscriber)
