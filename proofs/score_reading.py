"""Reads what a run has left: in Firestore, on the dead-letter topic, in the mail server and in the logs."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from blueprint.topology import read_topology
from create_user.registration import user_created
from create_user.user import User
from proofs.long_run_clients import Outcome
from proofs.long_run_world import REDELIVERED_WITHIN_SECONDS, Peer, World
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
from testkit.canary import leaks
from testkit.plain_http import http

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
        self._dead_letters |= set(self._new_dead_letters())
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

    def _new_dead_letters(self) -> Iterator[str]:
        """By REST, because the client library warns of returning at once where there are none."""
        name = f"projects/{self._world.project}/subscriptions/{read_topology().events.dead_letter_subscription}"
        url = f"http://{self._world.pubsub_host}/v1/{name}"
        request = {"returnImmediately": True, "maxMessages": 1000}
        pulled = http.post(f"{url}:pull", json=request).raise_for_status().json()
        if received := pulled.get("receivedMessages"):
            ack_ids = {"ackIds": [each["ackId"] for each in received]}
            http.post(f"{url}:acknowledge", json=ack_ids).raise_for_status()
            for each in received:
                yield _dead_letter(each["message"])


def _dead_letter(message: Mapping[str, Any]) -> str:
    """The event's id, or the user's address where the peer's events have none."""
    event_id = message.get("attributes", {}).get("ce-id")
    return str(event_id or json.loads(b64decode(message["data"]))["email"])
