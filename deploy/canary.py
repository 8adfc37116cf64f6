"""A canary: a sign-up of our own, followed in the records until each subscriber has acted, and then deleted."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex, token_urlsafe
from uuid import uuid4

import httpx

from deploy.answering import described
from deploy.cloud import UnreadableError
from deploy.records import Document, Records
from shared.contract.delivery_state import DeliveryState
from shared.contract.documents import (
    DELIVERIES,
    EMAIL_RESERVATIONS,
    OUTBOX,
    SIGN_UP_REQUESTS,
    TAGGED_SIGN_UP_REQUESTS,
    USERS,
    delivery_id,
)
from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from shared.users.address_key import mailbox_id, reservation_id, untagged

_SIGN_UP_SECONDS = 60
# A publish that was left to the relay takes a minute and more, the first mail of a new revision a cold start.
_JOURNEY_SECONDS = 180
# A sign-up that was given up, by Ctrl-C say, may still be stored: after a cold start and a hash.
_LATE_SECONDS = 10
_LOOK_EVERY_SECONDS = 2
# A link may have been requested no later than now, on Firestore's clock.
_CLOCKS_DIFFER = timedelta(hours=1)


class CanaryFailedError(Exception):
    """What was seen instead of a whole journey."""


def address_of_a_run(email: str, revision: str) -> str:
    """An address in the same mailbox that no run before has signed up: `ops+usher-REVISION-…@example.com`."""
    local, _, domain = email.partition("@")
    return f"{local}+usher-{revision}-{token_hex(2)}@{domain}"


@dataclass
class Canary:
    """
    One sign-up under an address that nobody else uses.

    With `link_keys` the mailbox comes first. The canary requests a link, which the `link_mailers` of the subscribers
    have to mail, and makes its token itself: it cannot read its mail.
    """

    address: str
    records: Records
    subscribers: Sequence[str]
    link_keys: VersionedSecrets | None = None
    link_mailers: Sequence[str] = ()
    _answered: bool = field(default=False, init=False)

    def fly(self, client: httpx.Client, url: str) -> None:
        """
        Sign up at `url`, and return once every subscriber has acted on the event.

        Raises:
            CanaryFailedError: One has not.
        """
        try:
            who = self._proof(client, url, self.link_keys) if self.link_keys else {"email": self.address}
            self._post(client, url, {"name": "Usher canary", "password": token_urlsafe(24), **who})
            self._follow("sign-up", self._stored_event(), self.subscribers)
        except UnreadableError as error:
            raise CanaryFailedError(f"its records cannot be read: {error}") from error

    def clear_away(self) -> str:
        """Delete exactly its user, reservation and counts; returns why they are still there, if they are."""
        deadline = time.monotonic() + (0 if self._answered else _LATE_SECONDS)
        try:
            while not any(stored := self._stored()) and time.monotonic() < deadline:
                time.sleep(_LOOK_EVERY_SECONDS)
            for found in (stored, self._counts()):  # apart: others may count a mail to the same mailbox
                if own := list(filter(None, found)):
                    self.records.delete(own)
        except UnreadableError as error:
            return f"The canary {self.address} could not be deleted: {error}"
        return ""

    def _proof(self, client: httpx.Client, url: str, link_keys: VersionedSecrets) -> dict[str, str]:
        """The token of a link that was mailed."""
        self._post(client, f"{url}/sign-ups", {"email": self.address})
        event_id = next((one.texts["event_id"] for one in self._counts() if "event_id" in one.texts), "")
        if not event_id:
            raise CanaryFailedError("the canary's request was accepted, but no mail to it is counted")
        self._follow("request", event_id, self.link_mailers)
        link = SignUpLink.requested_at(datetime.now(UTC) - _CLOCKS_DIFFER, self.address)
        return {"token": link.token(link_keys)}

    def _post(self, client: httpx.Client, url: str, body: Mapping[str, str]) -> None:
        """Once, however many requests it takes: the key says that they are the same sign-up."""
        key = {"Idempotency-Key": str(uuid4())}
        self._answered = False
        deadline = time.monotonic() + _SIGN_UP_SECONDS
        while True:
            try:
                answer = client.post(url, json=body, headers=key)
                self._answered = True
                if answer.is_success:
                    return
                seen, may_pass = described(answer), answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
            except httpx.TransportError as error:
                seen, may_pass = f"no response ({type(error).__name__})", True
            if not may_pass or time.monotonic() > deadline:
                raise CanaryFailedError(f"the canary's sign-up got {seen}")
            time.sleep(_LOOK_EVERY_SECONDS)

    def _stored(self) -> tuple[Document | None, Document | None]:
        """The user and the reservation."""
        for user in self.records.where(USERS, "email", self.address):
            return user, next(iter(self.records.where(EMAIL_RESERVATIONS, "user_id", user.id)), None)
        return None, None

    def _counts(self) -> list[Document]:
        """Of mails to its address, and to all tags of its mailbox: the 21st canary in a day would get none."""
        if not self.link_keys:
            return []
        to_the_address = f"{SIGN_UP_REQUESTS}/{mailbox_id(self.address)}"
        to_all_tags = f"{TAGGED_SIGN_UP_REQUESTS}/{reservation_id(untagged(self.address))}"
        return [*self.records.named([to_the_address, to_all_tags]).values()]

    def _stored_event(self) -> str:
        """The id of the event, where user and reservation are stored."""
        user, reservation = self._stored()
        if not (user and reservation):
            missing = "reservation" if user else "user"
            raise CanaryFailedError(f"the canary's sign-up was accepted, but its {missing} is not stored")
        return user.texts["event_id"]

    def _follow(self, what: str, event_id: str, subscribers: Sequence[str]) -> None:
        deliveries = {name: f"{DELIVERIES}/{delivery_id(name, event_id)}" for name in subscribers}
        entry = f"{OUTBOX}/{event_id}"
        deadline = time.monotonic() + _JOURNEY_SECONDS
        while True:
            found = self.records.named([*deliveries.values(), entry])
            records = {name: found[path].texts if path in found else {} for name, path in deliveries.items()}
            states = {record.get("state") for record in records.values()}
            if states <= {DeliveryState.SENT}:
                return
            if DeliveryState.UNDELIVERABLE in states or time.monotonic() > deadline:
                waiting = ["its event is still in the outbox"] if entry in found else []
                seen = [f"{name}: {_progress(record)}" for name, record in records.items()]
                raise CanaryFailedError(", ".join([f"the canary's {what} was stored", *waiting, *seen]))
            time.sleep(_LOOK_EVERY_SECONDS)


def _progress(record: Mapping[str, str]) -> str:
    """Where a delivery stands, and the code of its last error."""
    if not record:
        return "no delivery yet"
    return " ".join(filter(None, [record["state"], record.get("last_error")]))
