"""The score of a run: what became of every user, and which promise was broken."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

from proofs.long_run_clients import Outcome
from proofs.observation import Observation, Owed
from shared.contract.delivery_state import DeliveryState
from shared.users.address_key import reservation_id
from testkit.mail_server import Mail

_EXPECTED = {None, HTTPStatus.CREATED, HTTPStatus.CONFLICT, HTTPStatus.ACCEPTED}


class Fate(StrEnum):
    """What became of a mail."""

    MAILED = "mailed"
    RECORDED = "recorded"
    STUCK = "stuck"
    LOST = "lost"


def fates(seen: Observation) -> list[Fate]:
    """Of every mail. Settled are MAILED and RECORDED; STUCK is what something still works on."""
    mails_of = _mails_of(seen)
    known = [_fate(owed, seen, is_mailed=owed.key in mails_of) for owed in (*seen.users, *seen.requests)]
    return known + [Fate.LOST] * (sum(seen.counted.values()) - len(seen.requests))


def _mails_of(seen: Observation) -> Mapping[str, Sequence[Mail]]:
    """By the key of what is owed; those that are owed to nobody by an empty one."""
    owed = {each.key: each for each in (*seen.users, *seen.requests)}
    mails_of: defaultdict[str, list[Mail]] = defaultdict(list)
    for mail in seen.mails:
        known = owed.get(mail.event_id) or owed.get(mail.address)
        mails_of[known.key if known and known.address in ("", mail.address) else ""].append(mail)
    return mails_of


def _fate(owed: Owed, seen: Observation, *, is_mailed: bool) -> Fate:
    delivery = seen.deliveries.get(owed.event_id)
    is_dead_letter = not seen.dead_letters.isdisjoint((owed.event_id, owed.address))
    is_worked_on = not delivery.is_finished if delivery else owed.address in seen.still_tried
    if owed.event_id in seen.outbox or (is_worked_on and not is_dead_letter):
        return Fate.STUCK
    if is_mailed:
        return Fate.MAILED
    if is_dead_letter or (delivery and delivery.state is DeliveryState.UNDELIVERABLE):
        return Fate.RECORDED
    return Fate.LOST


@dataclass(frozen=True)
class Score:
    """One run in figures. `mails` includes duplicates, `mailed` counts people. `silenced` got no mail of their own."""

    attempted: int
    answers: Mapping[str, int]
    requests: int
    links_requested: int
    silenced: int
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
    fate = Counter(fates(seen))
    explained, unexplained = _duplicates(seen)
    answers = Counter(str(outcome.status or "no answer") for outcome in seen.outcomes)
    accepted = sum(outcome.is_accepted for outcome in seen.outcomes)
    return Score(
        attempted=len(seen.outcomes),
        answers=dict(sorted(answers.items())),
        requests=sum(outcome.requests for outcome in seen.outcomes),
        links_requested=accepted,
        silenced=max(accepted - sum(seen.counted.values()), 0),
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
    """Duplicates that the record of their event covers (I3), and those that nothing explains, as mails to nobody."""
    explained = unexplained = 0
    for key, mails in _mails_of(seen).items():
        duplicates = len(mails) - bool(key)
        delivery = seen.deliveries.get(key)
        is_same = len({(mail.message_id, mail.address, mail.link) for mail in mails}) == 1
        covered = delivery.duplicates_explained if delivery and is_same else 0
        explained += min(duplicates, covered)
        unexplained += max(duplicates - covered, 0)
    return explained, unexplained


def _broken(seen: Observation) -> dict[str, int]:
    """How often each invariant was broken, beside the mails, which have figures of their own."""
    per_address = Counter(user.address for user in seen.users)
    stored = {(user.id, user.address) for user in seen.users}
    created = {
        (body.get("id", body["email"]), outcome.sign_up.address)
        for outcome in seen.outcomes
        for body in outcome.created
    }
    accepted = {reservation_id(outcome.sign_up.address) for outcome in seen.outcomes if outcome.is_accepted}
    winners = {(outcome.sign_up.address, outcome.sign_up.key) for outcome in seen.outcomes if outcome.created}
    return {
        "I1 user without reservation or the reverse": seen.unreserved,
        "I2 answered 201, not stored": len(created - stored),
        "I2 answered 202, no mail counted": len(accepted - seen.counted.keys()),
        "I2 mail that nobody counted": max(len(seen.requests) - sum(seen.counted.values()), 0),
        "I1 or I2, as the audit finds": seen.found_by_audit,
        "I2 malformed": seen.malformed,
        "I4 secret or personal data given away": seen.log_leaks + sum(outcome.leaks for outcome in seen.outcomes),
        "I5 address with several users": sum(count > 1 for count in per_address.values()),
        "I5 address with several 201": len(winners) - len({address for address, _ in winners}),
        "I6 repeated request answered otherwise": sum(_answers_differ(outcome) for outcome in seen.outcomes),
        "answered otherwise than 201, 202 or 409": sum(outcome.status not in _EXPECTED for outcome in seen.outcomes),
    }


def _answers_differ(outcome: Outcome) -> bool:
    is_created_last = outcome.status == HTTPStatus.CREATED
    return any(body != outcome.created[0] for body in outcome.created) or bool(outcome.created) is not is_created_last


def _longest_delay(seen: Observation) -> timedelta:
    """From a user's creation, or a request, to its first mail."""
    mails_of = _mails_of(seen)
    owed = (each for each in (*seen.users, *seen.requests) if each.key in mails_of)
    return max((mails_of[each.key][0].received_at - each.created_at for each in owed), default=timedelta())
