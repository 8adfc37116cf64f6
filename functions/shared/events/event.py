"""What the events on the topic have in common, whatever their encoding."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, NewType

EventId = NewType("EventId", str)
UserId = NewType("UserId", str)


@dataclass(frozen=True, kw_only=True)
class Event:
    """
    Something that happened to a user.

    `type` is its name on the wire. Ids are UUIDs in their usual form. `traceparent` is the W3C trace context of the
    request that caused it, or empty.
    """

    type: ClassVar[str]
    event_id: EventId
    user_id: UserId
    email: str
    occurred_at: datetime
    traceparent: str = ""

    def age_ms(self, now: datetime) -> int:
        """Milliseconds since it occurred, for the logs."""
        return round((now - self.occurred_at) / timedelta(milliseconds=1))
