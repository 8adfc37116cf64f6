"""The event `user.sign_up_repeated`."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.event import Event


@dataclass(frozen=True, kw_only=True)
class SignUpRepeated(Event):
    """Someone tried to sign up with this user's address. Published with `VERIFY_EMAIL=true` only."""

    type: ClassVar[str] = "user.sign_up_repeated"
