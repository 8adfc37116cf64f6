"""What an audit has found."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from shared.contract.documents import OUTBOX
from shared.contract.log_events import LogEvent


class Status(IntEnum):
    """The outcome of an audit, and its command's exit status."""

    KEPT = 0
    LATE = 1
    BROKEN = 2


class Fault(StrEnum):
    """A promise that is broken. I1 and I2: docs/architecture.md."""

    USER_WITHOUT_RESERVATION = "user_without_reservation"
    RESERVATION_WITHOUT_USER = LogEvent.RESERVATION_WITHOUT_USER.value
    USER_UNREADABLE = "user_unreadable"
    EVENT_LOST = "event_lost"


@dataclass(frozen=True, order=True)
class Finding:
    """A fault, by ids only."""

    fault: Fault
    user_id: str
    event_id: str = ""
    subscriber: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, [self.fault, self.subscriber, self.event_id or self.user_id]))

    def repair(self) -> str:
        """What fixes it."""
        if self.fault is Fault.EVENT_LOST:
            return f"redrive --from-users --subscriber {self.subscriber} --id {self.event_id}"
        return f"by hand: docs/operate.md#{LogEvent.PROMISES_AUDITED}"


@dataclass(frozen=True)
class Pile:
    """How many of something there are, and the age of the oldest: of all, or of as many as one look reads."""

    count: int = 0
    oldest_age_seconds: float = 0.0


@dataclass(kw_only=True)
class Report:
    """
    What was read, and how it stands.

    A subscriber that has not finished a user's event counts among the `waiting` while something will still bring it the
    event, and among the `overdue` once that has taken longer than all attempts do. `unknown_ages` are subscriptions
    whose messages nobody could tell the age of: what may be in one of them counts as waiting.
    """

    users: int = 0
    reservations: int = 0
    waiting: int = 0
    overdue: int = 0
    possible_duplicates: int = 0
    not_expected: int = 0
    outbox: Pile = Pile()
    outbox_late_seconds: float
    undeliverable: Pile = Pile()
    malformed: Pile = Pile()
    dead_letters: Pile = Pile()
    unknown_ages: list[str] = field(default_factory=list)
    broken: list[Finding] = field(default_factory=list)
    next_user: str = ""
    next_reservation: str = ""

    @property
    def status(self) -> Status:
        if self.broken:
            return Status.BROKEN
        late = self.outbox.oldest_age_seconds > self.outbox_late_seconds
        return Status.LATE if late or self.overdue or self.dead_letters.count else Status.KEPT

    def lines(self) -> Iterator[str]:
        """The report for people."""
        for finding in self.broken:
            yield f"BROKEN {finding}: {finding.repair()}"
        yield f"read: {self.users} users, {self.reservations} reservations"
        yield f"broken: {len(self.broken)}; waiting: {self.waiting}, of these overdue: {self.overdue}"
        for name in (OUTBOX, "dead_letters", "undeliverable", "malformed"):
            pile: Pile = getattr(self, name)
            oldest = f", the oldest for {pile.oldest_age_seconds:.0f} s" if pile.count else ""
            yield f"{name.replace('_', ' ')}: {pile.count}{oldest}"
        yield f"possible duplicates: {self.possible_duplicates}"
        if self.not_expected:
            yield f"assumed: an optional subscriber was added after {self.not_expected} of these users"
        if self.unknown_ages:
            unknown = ", ".join(self.unknown_ages)
            yield f"assumed: what may be in {unknown} is still there, since the age of its messages is unknown"
        if self.next_user:
            yield f"not all users were read: continue with --after {self.next_user}"
        if self.next_reservation:
            yield f"not all reservations were read: continue with --reservations-from {self.next_reservation}"
        yield _SAID[self.status]


_SAID = {
    Status.KEPT: "Every promise holds.",
    Status.LATE: "Something waits for longer than promised.",
    Status.BROKEN: "A promise is broken.",
}
