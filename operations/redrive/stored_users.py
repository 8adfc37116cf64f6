"""The events of stored users: `outbox/{event_id}`, made again from `users/{user_id}`."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client, DocumentReference, DocumentSnapshot
from google.cloud.firestore_v1.base_query import FieldFilter

from operations.redrive.documents import CALL, pages

_FIELDS = ("event_id", "name", "company", "email", "created_at")  # the password's hash stays where it is


@dataclass(frozen=True, kw_only=True)
class OutboxEntry:
    """An event as create_user leaves it in the outbox: the relay publishes it, in the encoding of the day."""

    type: str
    event_id: str
    user_id: str
    email: str
    occurred_at: datetime
    traceparent: str = ""  # the request's trace is not kept with the user

    def document(self, client: Client) -> DocumentReference:
        return client.document("outbox", self.event_id)


@dataclass(frozen=True, kw_only=True)
class UserCreated(OutboxEntry):
    """The event of a sign-up. One for each user, who knows its id."""

    type: str = "user.created"
    name: str
    company: str


@dataclass(frozen=True, kw_only=True)
class SignUpRepeated(OutboxEntry):
    """The event of a sign-up with the address of a user. One for each user and day."""

    type: str = "user.sign_up_repeated"


def put_in_outbox(client: Client, entries: Collection[OutboxEntry]) -> None:
    """Put in all, in one commit. One that is there already stays as good as it was."""
    batch = client.batch()
    for entry in entries:
        batch.set(entry.document(client), asdict(entry))
    if entries:
        batch.commit(**CALL)


def every_event(client: Client) -> Iterator[list[UserCreated]]:
    """The events of all sign-ups, page by page."""
    for page in pages(client.collection("users").select(_FIELDS)):
        yield [_entry(user) for user in page]


def event(client: Client, event_id: str) -> UserCreated | None:
    """The event of the sign-up that has this id, if its user is stored."""
    has_the_event = FieldFilter("event_id", "==", event_id)
    for user in client.collection("users").where(filter=has_the_event).select(_FIELDS).limit(1).get(**CALL):
        return _entry(user)
    return None


def sign_up_repeated(client: Client, event_id: str, *, user_id: str, occurred_at: datetime) -> SignUpRepeated | None:
    """That event, if its user is stored. Its address is the one stored now."""
    user = client.document("users", user_id).get(["email"], **CALL)
    if not user.exists:
        return None
    return SignUpRepeated(event_id=event_id, user_id=user_id, email=user.get("email"), occurred_at=occurred_at)


def events_of(client: Client, user_ids: Collection[str]) -> list[UserCreated]:
    """The events of these users' sign-ups, of those users that are stored."""
    documents = [client.document("users", user_id) for user_id in user_ids]
    snapshots = client.get_all(documents, _FIELDS, **CALL)
    return [_entry(user) for user in snapshots if user.exists]


def _entry(user: DocumentSnapshot[Any]) -> UserCreated:
    fields = user.to_dict() or {}
    occurred_at = fields.pop("created_at")
    return UserCreated(user_id=user.id, occurred_at=occurred_at, **fields)
