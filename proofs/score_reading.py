"""Reads what a run has left: in Firestore, among the dead letters, in the mail server and in the logs."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from create_user.registration import user_created
from create_user.user import User
from proofs.long_run_brokers import REDELIVERED_WITHIN_SECONDS
from proofs.long_run_clients import Outcome
from proofs.long_run_world import Peer, World
from proofs.score import DeliveryRecord, Observation, StoredUser
from shared.contract.delivery_state import DeliveryState
from shared.contract.documents import (
    DELIVERIES,
    EMAIL_RESERVATIONS,
    MALFORMED_EVENTS,
    OUTBOX,
    USERS,
    parts_of_delivery_id,
)
from shared.events.event import UserId
from shared.events.message import Message
from testkit.canary import leaks

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
        letters = self._world.beyond.running.take_dead_letters(self._world.project)
        self._dead_letters |= set(map(_dead_letter, letters))
        return Observation(
            outcomes=list(outcomes),
            users=users,
            outbox=frozenset(entry.id for entry in firestore.collection(OUTBOX).stream()),
            deliveries=dict(self._deliveries()),
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

    def _users(self) -> list[StoredUser]:
        users = []
        for snapshot in self._firestore.collection(USERS).stream():
            address, created_at = snapshot.get("email"), snapshot.get("created_at")
            event_id = ""
            if self._world.peer is Peer.USHER:
                user = User(id=UserId(snapshot.id), name="", company="", email=address, created_at=created_at)
                event_id = user_created(user, "").event_id
            users.append(StoredUser(snapshot.id, address, event_id, created_at))
        return users

    def _unreserved(self, users: list[StoredUser]) -> int:
        expected = {(sha256(user.address.encode()).hexdigest(), user.id) for user in users}
        found = {(each.id, each.get("user_id")) for each in self._firestore.collection(EMAIL_RESERVATIONS).stream()}
        return len(expected ^ found)

    def _deliveries(self) -> Iterator[tuple[str, DeliveryRecord]]:
        for snapshot in self._firestore.collection(DELIVERIES).stream():
            explained = snapshot.get("takeovers") + snapshot.get("unknown_outcomes")
            yield parts_of_delivery_id(snapshot.id)[1], DeliveryRecord(DeliveryState(snapshot.get("state")), explained)


def _dead_letter(message: Message) -> str:
    """The event's id, or the user's address where the peer's events have none."""
    return str(message.attributes.get("ce-id") or json.loads(message.data)["email"])
