"""Keeps the SMS that the local service accepted."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from http import HTTPStatus
from uuid import uuid4


@dataclass(frozen=True, kw_only=True)
class Sms:
    """`traceparent` is the W3C trace context of the request that sent it, or empty."""

    sender: str
    to: str
    body: str
    traceparent: str
    sid: str = field(default_factory=lambda: f"SM{uuid4().hex}")
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class SmsFault(Enum):
    """What the service responds to every request: an HTTP status and Twilio's code for it."""

    BUSY = (HTTPStatus.TOO_MANY_REQUESTS, 20429, "Too Many Requests")
    DOWN = (HTTPStatus.SERVICE_UNAVAILABLE, 20503, "Service Unavailable")
    # The one refusal that notify_admin takes as final.
    REFUSING = (HTTPStatus.BAD_REQUEST, 21617, "The message body exceeds the 1600 character limit.")


class SmsInbox:
    """The latest thousands of SMS, in memory only, on the stack's own event loop. It misbehaves as `fault` says."""

    def __init__(self) -> None:
        self.fault: SmsFault | None = None
        self._received: deque[Sms] = deque(maxlen=10_000)

    def add(self, sms: Sms) -> None:
        self._received.appendleft(sms)

    def newest_first(self) -> list[Sms]:
        return list(self._received)

    def clear(self) -> None:
        self._received.clear()
