"""The record of one event's delivery by one subscriber, and the store that keeps it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol

from shared.contract.delivery_state import FINISHED, LEASE_SECONDS_UNSAID, DeliveryState
from shared.events.event import EventId

Version = NewType("Version", datetime)  # the store's time of the write that made it


@dataclass(frozen=True)
class Attempt:
    """One run of an act: by when it must have ended, on the monotonic clock, and when it began, on the store's."""

    deadline: float
    claimed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """
    What became of an event so far.

    `token` is the latest holder's, who is respected for `lease_seconds` from the write of its claim. `takeovers` counts
    leases that ran out, `unknown_outcomes` attempts that failed but may have succeeded: each may have been followed by
    a duplicate. `last_error` is a code without personal data.
    """

    state: DeliveryState
    token: str
    lease_expires_at: datetime  # by its holder's clock: for revisions that know no lease_seconds
    lease_seconds: float = LEASE_SECONDS_UNSAID
    attempts: int = 1
    takeovers: int = 0
    unknown_outcomes: int = 0
    last_error: str = ""

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED

    def is_held(self, age_seconds: float) -> bool:
        return self.state is DeliveryState.SENDING and age_seconds < self.lease_seconds


class Deliveries(Protocol):
    """Keeps one subscriber's records. Both methods raise DeliveriesUnavailableError if the store does not respond."""

    def read(self, event_id: EventId) -> tuple[Delivery, Version, float]:
        """The record, its version, and how many seconds ago it was written: both times are the store's."""

    def write(self, event_id: EventId, delivery: Delivery, *, replacing: Version | None) -> Version:
        """
        Write the record if it stands at version `replacing`; where that is None, if there is no record yet.

        Raises:
            DeliveryConflictError: It does not. Nothing was written, unless an earlier reply was lost.
        """


class DeliveryConflictError(Exception):
    """The record is not at the version that the write named."""


class UndeliverableError(Exception):
    """The effect was permanently refused; repeating it cannot help."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DeliveryError(Exception):
    """Not delivered yet: the event has to be redelivered."""


class NotDeliveredError(DeliveryError):
    """The attempt failed and may work later. `outcome_unknown`: it may in fact have succeeded."""

    def __init__(self, code: str, *, outcome_unknown: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.outcome_unknown = outcome_unknown


class DeliveryInProgressError(DeliveryError):
    """Another holder's lease has not expired. If that holder dies, a redelivery takes over."""


class LeaseLostError(DeliveryError):
    """Another holder took over before this one recorded its outcome."""


class DeliveriesUnavailableError(DeliveryError):
    """The store of deliveries did not respond."""
