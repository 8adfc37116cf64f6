"""The states of a delivery, how long its lease and its record count, and an error that a redrive tells apart."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    SENDING = "sending"
    RELEASED = "released"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"


LEASE_SECONDS_UNSAID: Final = 45.0  # of a record that was written before records said it
RECORDS_KEPT: Final = timedelta(days=90)  # longer than any redelivery: events are kept for 31 days, then dead letters
RECORDS_RELIED_ON: Final = timedelta(days=80)  # each expires by the clock of an instance, which may be wrong
LINK_EXPIRED: Final = "link_expired"  # the `last_error` of a link that was no longer worth a mail
FINISHED: Final = frozenset({DeliveryState.SENT, DeliveryState.UNDELIVERABLE})  # only these acknowledge an event
