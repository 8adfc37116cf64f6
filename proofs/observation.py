"""What a run has left, as an observer sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from proofs.long_run_clients import Outcome
from shared.contract.delivery_state import FINISHED, DeliveryState
from testkit.mail_server import Mail


@dataclass(frozen=True)
class Owed:
    """
    A mail that somebody is to get since `created_at`: a user who is stored, or whoever reads an address.

    A request for a link is known by its event alone: its address is empty. So is `event_id` where the peer's events
    have none; the address is the id where users have none.
    """

    id: str
    address: str
    event_id: str
    created_at: datetime

    @property
    def key(self) -> str:
        """What tells its mails."""
        return self.event_id or self.address


@dataclass(frozen=True)
class DeliveryRecord:
    """What a delivery's document says. `duplicates_explained`: the lease takeovers and unknown outcomes it counts."""

    state: DeliveryState
    duplicates_explained: int = 0

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED


@dataclass(frozen=True)
class Observation:
    """
    Everything a run has left. `still_tried`: addresses whose mail is attempted to the end without success.

    `counted` are the mails that requests for a link have asked for, by the id that their address reserves; `requests`
    are their events, as far as they have come. A request that was silenced is in neither.
    """

    outcomes: Sequence[Outcome] = ()
    users: Sequence[Owed] = ()
    requests: Sequence[Owed] = ()
    counted: Mapping[str, int] = field(default_factory=dict)
    outbox: frozenset[str] = frozenset()
    deliveries: Mapping[str, DeliveryRecord] = field(default_factory=dict)
    dead_letters: frozenset[str] = frozenset()
    malformed: int = 0
    mails: Sequence[Mail] = ()
    still_tried: frozenset[str] = frozenset()
    unreserved: int = 0
    found_by_audit: int = 0
    log_leaks: int = 0
