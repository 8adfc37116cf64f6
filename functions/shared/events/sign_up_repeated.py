"""The event `user.sign_up_repeated`."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.event import Event


@dataclass(frozen=True, kw_only=True)
class SignUpRepeated(Event):
    """Somebody tried to sign up with the address of this user. Published only where existing accounts are concealed."""

    type: ClassVar[str] = "user.sign_up_repeated"
