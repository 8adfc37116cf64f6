"""The events of stored users: `outbox/{event_id}`, made again from `users/{user_id}`."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from google.cloud.firestore import Client, DocumentSnapshot
from google.cloud.firestore_v1.base_query import FieldFilter

from operations.redrive.documents import CALL, pages
from operations.redrive.selection import NoSuchUserError
from shared.contract.documents import OUTBOX, USERS
from shared.events.event import Event, EventId, UserId
from shared.events.outbox_entry import entry_of
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.user_created import UserCreated

# The password's hash stays where it is.
_FIELDS = ("event_id", "name", "company", "email", "email_verified", "created_at")


def put_in_outbox(client: Client, events: Collection[Event]) -> None:
    """Put in all, in one commit. Who has read or written an earlier entry does not clear this one."""
    batch = client.batch()
    for event in events:
        batch.set(client.document(OUTBOX, event.event_id), entry_of(event))
    if events:
        batch.commit(**CALL)


def events_since(client: Client, oldest: datetime, *, after: str) -> Iterator[list[UserCreated]]:
    """
    The events of all sign-ups since then, oldest first, page by page; of those only that follow the user `after`.

    Raises:
        NoSuchUserError: This user is not stored.
    """
    last = client.document(USERS, after).get(["created_at"], **CALL) if after else None
    if last and not last.exists:
        raise NoSuchUserError
    recent = client.collection(USERS).where(filter=FieldFilter("created_at", ">", oldest)).select(_FIELDS)
    for page in pages(recent, by="created_at", after=last):
        yield [_user_created(user) for user in page]


def event_with_id(client: Client, event_id: str) -> UserCreated | None:
    """The event of the sign-up that has this id, if its user is stored."""
    has_the_event = FieldFilter("event_id", "==", event_id)
    for user in client.collection(USERS).where(filter=has_the_event).select(_FIELDS).limit(1).get(**CALL):
        return _user_created(user)
    return None


def sign_up_repeated(
    client: Client, event_id: EventId, *, user_id: UserId, occurred_at: datetime
) -> SignUpRepeated | None:
    """That event, if its user is stored. Its address is the one stored now."""
    user = client.document(USERS, user_id).get(["email"], **CALL)
    if not user.exists:
        return None
    return SignUpRepeated(event_id=event_id, user_id=user_id, email=user.get("email"), occurred_at=occurred_at)


def events_of(client: Client, user_ids: Collection[str]) -> list[UserCreated]:
    """The events of these users' sign-ups, of those users that are stored."""
    documents = [client.document(USERS, user_id) for user_id in user_ids]
    snapshots = client.get_all(documents, _FIELDS, **CALL)
    return [_user_created(user) for user in snapshots if user.exists]


def _user_created(user: DocumentSnapshot[Any]) -> UserCreated:
    """Its event. The request's trace is not kept with the user."""
    fields = user.to_dict() or {}
    occurred_at = fields.pop("created_at")
    return UserCreated(user_id=UserId(user.id), occurred_at=occurred_at, **fields)
