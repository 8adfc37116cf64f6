"""The event `user.created`."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.event import Event


@dataclass(frozen=True, kw_only=True)
class UserCreated(Event):
    """
    A user has signed up. An empty `company` means that none was given.

    `email_verified`: the address was proved first, by a link that was mailed to it.
    """

    type: ClassVar[str] = "user.created"
    name: str
    company: str
    email_verified: bool = False
