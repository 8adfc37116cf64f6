"""A function that keeps what reaches it. Its tests load it as functions-framework does."""

import logging

import functions_framework
from cloudevents.http import CloudEvent

from shared.deliveries import subscriber
from shared.events.user_created import UserCreated
from shared.runtime import tracing
from testkit.fakes import MalformedEvents

malformed_events = MalformedEvents()
events: list[UserCreated] = []
traces: list[str | None] = []
failures: list[Exception] = []


@functions_framework.cloud_event
def receive(cloud_event: CloudEvent) -> None:
    subscriber.handle(cloud_event.data, {UserCreated: _act}, malformed_events)


def _act(event: UserCreated) -> None:
    logging.getLogger("some.library").warning("a library's line")
    if failures:
        raise failures.pop()
    events.append(event)
    traces.append(tracing.current_trace_id())
