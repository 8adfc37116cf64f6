"""The score of a run: what became of every user, and which promise was broken."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from proofs.long_run_clients import Outcome
from shared.contract.delivery_state import FINISHED, DeliveryState
from testkit.mail_server import Mail


@dataclass(frozen=True)
class StoredUser:
    """`event_id` is empty where the peer's events have none; so the address is the id where users have none."""

    id: str
    address: str
    event_id: str
    created_at: datetime


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
    """Everything a run has left. `still_tried`: addresses whose mail is attempted to the end without success."""

    outcomes: Sequence[Outcome] = ()
    users: Sequence[StoredUser] = ()
    outbox: frozenset[str] = frozenset()
    deliveries: Mapping[str, DeliveryRecord] = field(default_factory=dict)
    dead_letters: frozenset[str] = frozenset()
    malformed: int = 0
    mails: Sequence[Mail] = ()
    still_tried: frozenset[str] = frozenset()
    unreserved: int = 0
    found_by_audit: int = 0
    log_leaks: int = 0


class Fate(StrEnum):
    """What became of a stored user's mail."""

    MAILED = "mailed"
    RECORDED = "recorded"
    STUCK = "stuck"
    LOST = "lost"


def fates(seen: Observation) -> dict[str, Fate]:
    """By user id. Settled are MAILED and RECORDED; STUCK is what something still works on."""
    mailed = {mail.address for mail in seen.mails}
    return {user.id: _fate(user, seen, is_mailed=user.address in mailed) for user in seen.users}


def _fate(user: StoredUser, seen: Observation, *, is_mailed: bool) -> Fate:
    delivery = seen.deliveries.get(user.event_id)
    is_dead_letter = not seen.dead_letters.isdisjoint((user.event_id, user.address))
    is_worked_on = not delivery.is_finished if delivery else user.address in seen.still_tried
    if user.event_id in seen.outbox or (is_worked_on and not is_dead_letter):
        return Fate.STUCK
    if is_mailed:
        return Fate.MAILED
    if is_dead_letter or (delivery and delivery.state is DeliveryState.UNDELIVERABLE):
        return Fate.RECORDED
    return Fate.LOST


@dataclass(frozen=True)
class Score:
    """One run in figures. `mails` includes duplicates, `mailed` counts people."""

    attempted: int
    answers: Mapping[str, int]
    requests: int
    users: int
    events: int
    mails: int
    mailed: int
    recorded: int
    lost: int
    stuck: int
    duplicates_explained: int
    duplicates_unexplained: int
    broken: Mapping[str, int]
    longest_delay: timedelta

    @property
    def keeps_promises(self) -> bool:
        return not (self.lost or self.stuck or self.duplicates_unexplained or any(self.broken.values()))


@dataclass(frozen=True)
class Run:
    """One peer's run: its score, what it went through, and how long it took to settle once the faults were over."""

    score: Score
    faults: Mapping[str, int]
    storm_seconds: float
    drain_seconds: float


def score(seen: Observation) -> Score:
    fate = Counter(fates(seen).values())
    explained, unexplained = _duplicates(seen)
    answers = Counter(str(outcome.status or "no answer") for outcome in seen.outcomes)
    return Score(
        attempted=len(seen.outcomes),
        answers=dict(sorted(answers.items())),
        requests=sum(outcome.requests for outcome in seen.outcomes),
        users=len(seen.users),
        events=len(seen.deliveries),
        mails=len(seen.mails),
        mailed=len({mail.address for mail in seen.mails}),
        recorded=fate[Fate.RECORDED],
        lost=fate[Fate.LOST],
        stuck=fate[Fate.STUCK],
        duplicates_explained=explained,
        duplicates_unexplained=unexplained,
        broken=_broken(seen),
        longest_delay=_longest_delay(seen),
    )


def _duplicates(seen: Observation) -> tuple[int, int]:
    """Duplicates that the record of their event covers (I3), and those that nothing explains."""
    users = {user.address: user for user in seen.users}
    explained = unexplained = 0
    for address, count in Counter(mail.address for mail in seen.mails).items():
        user = users.get(address)
        duplicates = count - 1 if user else count
        message_ids = {mail.message_id for mail in seen.mails if mail.address == address} if duplicates else set()
        delivery = seen.deliveries.get(user.event_id) if user else None
        covered = delivery.duplicates_explained if delivery and len(message_ids) == 1 else 0
        explained += min(duplicates, covered)
        unexplained += max(duplicates - covered, 0)
    return explained, unexplained


def _broken(seen: Observation) -> dict[str, int]:
    """How often each invariant was broken, beside the mails, which have figures of their own."""
    stored = {user.id for user in seen.users}
    per_address = Counter(user.address for user in seen.users)
    created = {body.get("id", body["email"]) for outcome in seen.outcomes for body in outcome.created}
    winners = {(outcome.sign_up.address, outcome.sign_up.key) for outcome in seen.outcomes if outcome.created}
    return {
        "I1 user without reservation or the reverse": seen.unreserved,
        "I2 answered 201, not stored": len(created - stored),
        "I1 or I2, as the audit finds": seen.found_by_audit,
        "I2 malformed": seen.malformed,
        "I4 secret or personal data given away": seen.log_leaks + sum(outcome.leaks for outcome in seen.outcomes),
        "I5 address with several users": sum(count > 1 for count in per_address.values()),
        "I5 address with several 201": len(winners) - len({address for address, _ in winners}),
        "I6 repeated request answered otherwise": sum(_answers_differ(outcome) for outcome in seen.outcomes),
    }


def _answers_differ(outcome: Outcome) -> bool:
    is_created_last = outcome.status == HTTPStatus.CREATED
    return any(body != outcome.created[0] for body in outcome.created) or bool(outcome.created) is not is_created_last


def _longest_delay(seen: Observation) -> timedelta:
    """From a user's creation to the first mail."""
    created_at = {user.address: user.created_at for user in seen.users}
    first: dict[str, datetime] = {}
    for mail in seen.mails:
        first.setdefault(mail.address, mail.received_at)
    delays = [at - created_at[address] for address, at in first.items() if address in created_at]
    return max(delays, default=timedelta())
