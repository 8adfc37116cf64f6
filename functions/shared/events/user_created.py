"""The event `user.created` as the functions handle it, whatever its encoding."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

EventId = NewType("EventId", str)
UserId = NewType("UserId", str)


@dataclass(frozen=True, kw_only=True)
class UserCreated:
    """
    A user has signed up.

    Ids are UUIDs in their usual form. An empty `company` means that none was given. `traceparent` is the W3C trace
    context of the request that signed the user up, or empty.
    """

    event_id: EventId
    user_id: UserId
    name: str
    company: str
    email: str
    occurred_at: datetime
    traceparent: str = ""

    def age_ms(self, now: datetime) -> int:
        """Milliseconds since it occurred, for the logs."""
        return round((now - self.occurred_at) / timedelta(milliseconds=1))
