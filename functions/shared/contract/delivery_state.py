"""The states of a delivery."""

from enum import StrEnum
from typing import Final


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    SENDING = "sending"
    RELEASED = "released"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"


FINISHED: Final = frozenset({DeliveryState.SENT, DeliveryState.UNDELIVERABLE})  # only these acknowledge an event
