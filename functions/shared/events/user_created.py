"""The event `user.created`."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.event import Event


@dataclass(frozen=True, kw_only=True)
class UserCreated(Event):
    """A user has signed up. An empty `company` means that none was given."""

    type: ClassVar[str] = "user.created"
    name: str
    company: str
