"""Usher's promises, I1 to I3, I5 and I6 of docs/architecture.md, as predicates of what is stored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proofs.explore import world as google
from proofs.explore.model import Outcome
from proofs.explore.models.usher import SUBSCRIBER, SignUp, push, relay
from proofs.explore.replay import Call, Told, answer_of, answered_by
from proofs.explore.world import AFTER_THE_LEASE, NO_REPLY, NOTHING_YET, World
from shared.contract.delivery_state import FINISHED, DeliveryState
from shared.contract.documents import (
    DELIVERIES,
    EMAIL_RESERVATIONS,
    MALFORMED_EVENTS,
    OUTBOX,
    REMINDERS,
    USERS,
    delivery_id,
)
from shared.deliveries.delivery import NotDeliveredError, UndeliverableError
from testkit.fakes import Passwords

_DOWN = Told(error=NotDeliveredError("smtp_421"))
REFUSED = "refused for good"
_REFUSED = Told(error=UndeliverableError("smtp_550"))
_UNKNOWN = Told(error=NotDeliveredError("smtp_lost", outcome_unknown=True))
_OVER_SECONDS = 1e6


@dataclass
class Usher:
    """
    Processes over one World. `refusals`: the mail server may refuse a mail for good.

    Without faults leases do not end before their holders do, each sign-up is decided, and no mail is sent twice.
    """

    processes: Mapping[str, Callable[[], str]]
    faults: int
    start: World = NOTHING_YET
    refusals: bool = False

    def outcomes(self, call: Call, stored: World) -> Sequence[Outcome[World]]:
        outcomes = self._outcomes(call, stored)
        return outcomes if self.faults else [each for each in outcomes if each.how != AFTER_THE_LEASE]

    def _outcomes(self, call: Call, stored: World) -> Sequence[Outcome[World]]:
        arguments: Any = call.arguments
        match arguments:
            case ("clock", seconds):
                left = Outcome("time left", stored, Told(seconds))
                return [left, left._replace(how="time over", told=Told(_OVER_SECONDS))][: 1 + (seconds < _OVER_SECONDS)]
            case ("mail", event_id):
                taken = stored._replace(mails=(*stored.mails, event_id))
                refused = [Outcome(REFUSED, stored, _REFUSED)] if self.refusals else []
                return [Outcome("taken", taken, Told()), *refused, Outcome("down", stored, _DOWN, faults=1)]
        return google.outcomes(call, stored)

    def unanswered(self, call: Call) -> Sequence[Told]:
        match call.arguments:
            case ("clock" | "receive" | "give up", *_):
                return []
            case ("mail", _):
                return [_UNKNOWN]
            case ("acknowledge", _):
                return [Told()]  # the subscriber is not told
        return [NO_REPLY]

    def is_void(self, call: Call, stored: World) -> bool:
        return google.is_void(call, stored)

    def broken(self, stored: World) -> str:
        if not self.faults and len(set(stored.mails)) < len(stored.mails):
            return "I3: a duplicate without a fault"
        return next(_broken(stored), "")

    def broken_by(self, process: str, answer: str, stored: World) -> str:
        if answer.startswith("500") or (answer == "503" and not self.faults):
            return f"{answer} without a cause"
        request = self.processes[process]
        return _broken_answer(request, answer, stored) if isinstance(request, SignUp) else ""

    def after(self, process: Callable[[], str], stored: World, *, preferred: str = "") -> World:
        """What is stored once the process ran undisturbed: each call goes the preferred way, else the usual one."""

        def tell(_: int, call: Call) -> Told:
            nonlocal stored
            outcomes = self._outcomes(call, stored)
            outcome = next((each for each in outcomes if each.how == preferred), outcomes[0])
            stored = outcome.stored
            return outcome.told

        with answered_by(tell, "another"):
            answer_of(process)
        return stored

    def unfinished(self, stored: World) -> str:
        if not any(_unfinished(stored)):
            return ""
        after = self.after(relay, stored)
        for _ in after.topic:
            after = self.after(push, after, preferred=AFTER_THE_LEASE)
        return next(_broken(after), "") or next(_unfinished(after), "")

    def describe(self, stored: World) -> str:
        return "; ".join(_described(stored))


def _record(stored: World, event_id: str) -> Mapping[str, Any]:
    return stored.document(f"{DELIVERIES}/{delivery_id(SUBSCRIBER, event_id)}") or {}


def _promised(stored: World) -> set[str]:
    """The ids of the events that stored users have."""
    return {user["event_id"] for _, user in stored.all_in(USERS)} | {name for name, _ in stored.all_in(REMINDERS)}


def _events(stored: World) -> set[str]:
    return _promised(stored) | dict(stored.published).keys()


def _is_seen(stored: World, event_id: str) -> bool:
    """Finished, or where an operator sees it."""
    malformed = {event_id in each["attributes"].decode() for _, each in stored.all_in(MALFORMED_EVENTS)}
    is_dead = any(copy.event_id == event_id for copy in stored.dead_letters)
    return _record(stored, event_id).get("state") in FINISHED or is_dead or True in malformed


def _broken(stored: World) -> Iterator[str]:
    users = dict(stored.all_in(USERS))
    held = sorted(each["user_id"] for _, each in stored.all_in(EMAIL_RESERVATIONS))
    if sorted(users) != held:
        yield "I1: a user without the reservation of its address, or the reverse"
    for user in users.values():
        if user["event_id"] not in dict(stored.published) and stored.document(f"{OUTBOX}/{user['event_id']}") is None:
            yield "I1: an event that Pub/Sub has not acknowledged is not in the outbox"
    if set(stored.mails) - _promised(stored):
        yield "I1: a mail to a user who is not stored"
    for event_id in sorted(_events(stored)):
        under_way = any(copy.event_id == event_id for copy in stored.topic)
        if not (under_way or stored.document(f"{OUTBOX}/{event_id}") or _is_seen(stored, event_id)):
            yield "I2: the event is lost"
        record, mails = _record(stored, event_id), stored.mails.count(event_id)
        counted = 1 + record["takeovers"] + record["unknown_outcomes"] if record else 0
        if mails > counted:
            yield f"I3: {mails} mails, {counted} counted"
        if record.get("state") == DeliveryState.SENT and not mails:
            yield "I2: the record says `sent`, and there was no mail"
    if len({user["email"] for user in users.values()}) < len(users):
        yield "I5: two users with one address"


def _unfinished(stored: World) -> Iterator[str]:
    return (f"I2: {event_id} is not finished" for event_id in sorted(_events(stored)) if not _is_seen(stored, event_id))


def _broken_answer(request: SignUp, answer: str, stored: World) -> str:
    """I5 and I6: what an answer says is so."""
    mine = stored.document(f"{USERS}/{request.user_id}")
    is_same = mine is not None and (mine["email"], mine["password"]["hash"]) == (
        request.email,
        Passwords().hash(request.password).hash,
    )
    match answer:
        case "409" if mine is None and any(stored.all_in(EMAIL_RESERVATIONS)):
            return ""
        case "422" if mine is not None and not is_same:
            return ""
        case "202" if mine is not None or any(stored.all_in(REMINDERS)):
            return ""
        case "503":
            return ""
    return "" if is_same and answer == f"201 {request.user_id}" else f"I6: {answer} is not so"


def _described(stored: World) -> Iterator[str]:
    yield f"users {len(list(stored.all_in(USERS)))}"
    yield f"outbox {len(list(stored.all_in(OUTBOX)))}"
    yield f"topic {len(stored.topic)}"
    if stored.dead_letters:
        yield f"dead letters {len(stored.dead_letters)}"
    for _, record in stored.all_in(DELIVERIES):
        yield f"{record['state']} ({record['token']}, {record['takeovers']} + {record['unknown_outcomes']})"
    for name, documents in ((MALFORMED_EVENTS, "malformed"), (REMINDERS, REMINDERS)):
        if found := len(list(stored.all_in(name))):
            yield f"{documents} {found}"
    yield f"mails {len(stored.mails)}"
