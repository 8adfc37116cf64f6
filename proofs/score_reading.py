"""Reads what a run has left: in Firestore, among the dead letters, in the mail server and in the logs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from create_user.registration import user_created
from create_user.user import User
from proofs.long_run_brokers import REDELIVERED_WITHIN_SECONDS
from proofs.long_run_clients import Outcome
from proofs.long_run_world import Peer, World
from proofs.observation import DeliveryRecord, Observation, Owed
from shared.contract.delivery_state import DeliveryState
from shared.contract.documents import (
    DELIVERIES,
    EMAIL_RESERVATIONS,
    MALFORMED_EVENTS,
    OUTBOX,
    SIGN_UP_REQUESTS,
    USERS,
    parts_of_delivery_id,
)
from shared.contract.outbox_entry import TYPE
from shared.events.event import UserId
from shared.events.message import Message
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from shared.users.address_key import reservation_id
from testkit.canary import leaks

_OF_REQUESTS = (SignUpRequested.type, SignUpRepeated.type)
_STILL_TRIED_SINCE = timedelta(seconds=REDELIVERED_WITHIN_SECONDS)


class Observer:
    """Looks at `world` from outside, past its faults."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._firestore = world.firestore_client()
        self._dead_letters: set[str] = set()

    def observe(self, outcomes: Sequence[Outcome]) -> Observation:
        mail_server, firestore = self._world.mail_server, self._firestore
        users = self._users()
        counted = {each.id: each.get("mails") for each in firestore.collection(SIGN_UP_REQUESTS).stream()}
        outbox = {entry.id: entry.to_dict() or {} for entry in firestore.collection(OUTBOX).stream()}
        deliveries = {
            parts_of_delivery_id(record.id)[1]: record.to_dict() or {}
            for record in firestore.collection(DELIVERIES).stream()
        }
        letters = self._world.beyond.running.take_dead_letters(self._world.project)
        self._dead_letters |= set(map(_dead_letter, letters))
        return Observation(
            outcomes=list(outcomes),
            users=users,
            requests=list(_requests({**outbox, **deliveries})),
            counted=counted,
            outbox=frozenset(outbox),
            deliveries={event_id: _delivery(record) for event_id, record in deliveries.items()},
            dead_letters=frozenset(self._dead_letters),
            malformed=sum(1 for _ in firestore.collection(MALFORMED_EVENTS).stream()),
            mails=list(mail_server.mails),
            still_tried=frozenset(
                address
                for address, refused_at in dict(mail_server.refused_at).items()
                if datetime.now(UTC) - refused_at < _STILL_TRIED_SINCE
            ),
            unreserved=self._unreserved(users) if self._world.peer is Peer.USHER else 0,
            log_leaks=len(leaks(self._world.log_lines())),
        )

    def _users(self) -> list[Owed]:
        users = []
        for snapshot in self._firestore.collection(USERS).stream():
            address, created_at = snapshot.get("email"), snapshot.get("created_at")
            event_id = ""
            if self._world.peer is Peer.USHER:
                user = User(id=UserId(snapshot.id), name="", company="", email=address, created_at=created_at)
                event_id = user_created(user, "").event_id
            users.append(Owed(snapshot.id, address, event_id, created_at))
        return users

    def _unreserved(self, users: list[Owed]) -> int:
        expected = {(reservation_id(user.address), user.id) for user in users}
        found = {(each.id, each.get("user_id")) for each in self._firestore.collection(EMAIL_RESERVATIONS).stream()}
        return len(expected ^ found)


def _requests(documents: Mapping[str, Mapping[str, Any]]) -> Iterator[Owed]:
    """Those whose event waits in the outbox or has reached its subscriber; either says what it is, and of when."""
    for event_id, document in documents.items():
        if document[TYPE] in _OF_REQUESTS:
            yield Owed(event_id, address="", event_id=event_id, created_at=document["occurred_at"])


def _delivery(record: Mapping[str, Any]) -> DeliveryRecord:
    explained = record["takeovers"] + record["unknown_outcomes"]
    return DeliveryRecord(DeliveryState(record["state"]), explained)


def _dead_letter(message: Message) -> str:
    """The event's id, or the user's address where the peer's events have none."""
    return str(message.attributes.get("ce-id") or json.loads(message.data)["email"])
