"""Usher's promises, I1 to I3, I5 and I6 of docs/architecture.md, as predicates of what is stored."""

from collections.abc import Iterator, Mapping
from typing import Any

from proofs.explore.models.delivery import SUBSCRIBER
from proofs.explore.models.sign_up import SignUp
from proofs.explore.world import World
from shared.contract.delivery_state import FINISHED, DeliveryState
from shared.contract.documents import (
    DELIVERIES,
    EMAIL_RESERVATIONS,
    MALFORMED_EVENTS,
    OUTBOX,
    USERS,
    delivery_id,
)
from shared.events.user_created import UserCreated
from testkit.fakes import Passwords


def broken(stored: World) -> Iterator[str]:
    for promise in (_users_are_whole, _no_event_is_lost, _duplicates_are_counted, _addresses_are_unique):
        yield from promise(stored)


def unfinished(stored: World) -> Iterator[str]:
    return (f"I2: {event_id} is not finished" for event_id in _events(stored) if not _is_seen(stored, event_id))


def broken_answer(request: SignUp, answer: str, stored: World) -> str:
    """I6: what an answer says is so."""
    mine = stored.document(f"{USERS}/{request.user_id}")
    is_same = mine is not None and (mine["email"], mine["password"]["hash"]) == (
        request.email,
        Passwords().hash(request.password).hash,
    )
    is_so = {
        f"201 {request.user_id}": is_same,
        "409": mine is None and any(stored.all_in(EMAIL_RESERVATIONS)),
        "422": mine is not None and not is_same,
        "503": True,
    }
    return "" if is_so.get(answer) else f"I6: {answer} is not so"


def _users_are_whole(stored: World) -> Iterator[str]:
    users = dict(stored.all_in(USERS))
    if sorted(users) != sorted(each["user_id"] for _, each in stored.all_in(EMAIL_RESERVATIONS)):
        yield "I1: a user without the reservation of its address, or the reverse"
    for user in users.values():
        if user["event_id"] not in dict(stored.published) and stored.document(f"{OUTBOX}/{user['event_id']}") is None:
            yield "I1: an event that Pub/Sub has not acknowledged is not in the outbox"
    if {mail.event_id for mail in stored.mails if mail.type == UserCreated.type} - _promised(stored):
        yield "I1: a mail to a user who is not stored"


def _no_event_is_lost(stored: World) -> Iterator[str]:
    for event_id in _events(stored):
        under_way = any(copy.event_id == event_id for copy in stored.topic)
        if not (under_way or stored.document(f"{OUTBOX}/{event_id}") or _is_seen(stored, event_id)):
            yield "I2: the event is lost"
        if _record(stored, event_id).get("state") == DeliveryState.SENT and not _mails(stored, event_id):
            yield "I2: the record says `sent`, and there was no mail"


def _duplicates_are_counted(stored: World) -> Iterator[str]:
    for event_id in _events(stored):
        record, mails = _record(stored, event_id), _mails(stored, event_id)
        counted = 1 + record["takeovers"] + record["unknown_outcomes"] if record else 0
        if mails > counted:
            yield f"I3: {mails} mails, {counted} counted"


def _addresses_are_unique(stored: World) -> Iterator[str]:
    emails = [user["email"].lower() for _, user in stored.all_in(USERS)]
    if len({*emails}) < len(emails):
        yield "I5: two users with one address"


def _record(stored: World, event_id: str) -> Mapping[str, Any]:
    return stored.document(f"{DELIVERIES}/{delivery_id(SUBSCRIBER, event_id)}") or {}


def _mails(stored: World, event_id: str) -> int:
    return sum(mail.event_id == event_id for mail in stored.mails)


def _promised(stored: World) -> set[str]:
    """The ids of the events that stored users have."""
    return {user["event_id"] for _, user in stored.all_in(USERS)}


def _events(stored: World) -> list[str]:
    return sorted(_promised(stored) | dict(stored.published).keys())


def _is_seen(stored: World, event_id: str) -> bool:
    """Finished, or where an operator sees it."""
    malformed = any(event_id in each["attributes"].decode() for _, each in stored.all_in(MALFORMED_EVENTS))
    is_dead = any(copy.event_id == event_id for copy in stored.dead_letters)
    return _record(stored, event_id).get("state") in FINISHED or is_dead or malformed
