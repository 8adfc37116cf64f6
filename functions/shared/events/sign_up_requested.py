"""The event `user.sign_up_requested`."""

from dataclasses import dataclass
from typing import ClassVar

from shared.events.event import Event


@dataclass(frozen=True, kw_only=True)
class SignUpRequested(Event):
    """
    Someone asked to sign up with this address, which nobody holds. Published with `VERIFY_EMAIL=true` only.

    Its `user_id` is random and names no user: there is none yet.
    """

    type: ClassVar[str] = "user.sign_up_requested"
