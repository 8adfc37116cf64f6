"""Users in Firestore: the user, the reservation of the address and the outbox entry in one commit."""

from dataclasses import asdict
from typing import Any

from google.api_core.exceptions import GoogleAPIError
from google.cloud.firestore import Client, DocumentReference, DocumentSnapshot

from shared.contract.documents import EMAIL_RESERVATIONS, OUTBOX, USERS
from shared.events.event import UserId
from shared.events.outbox_entry import entry_of
from shared.events.user_created import UserCreated
from shared.firestore.calls import call, failing_as
from shared.firestore.documents import read_document
from shared.outbox.outbox import EntryVersion
from shared.users.address_key import reservation_id

from .registration import LookUp, UndecidedError, UsersUnavailableError
from .user import PasswordHash, StoredUser, User


class FirestoreUsers:
    """
    `users/{user_id}`, `email_reservations/{hash of the address}`, `outbox/{event_id}`.

    All writes of a commit have its time, so a user's create time is the version of the entry that was stored with it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def add(self, user: StoredUser, event: UserCreated) -> EntryVersion:
        batch = self._client.batch()
        # The event's id is for those who redrive: from a delivery record they have to find its user.
        fields = asdict(user.user) | {
            "event_id": event.event_id,
            "email_verified": user.email_verified,
            "password": asdict(user.password_hash),
        }
        del fields["id"]
        # Creates only, no reads: one round trip, no locks; the first of two with one address wins.
        batch.create(self._user(user.user.id), fields)
        batch.create(self._reservation(user.user.email), {"user_id": user.user.id})
        batch.create(self._client.document(OUTBOX, event.event_id), entry_of(event))
        try:
            return EntryVersion(batch.commit(**call())[-1].update_time)
        except GoogleAPIError as error:
            # AlreadyExists included: the library repeats a commit whose reply was lost, and then meets itself.
            raise UndecidedError from error

    def look_up(self, user_id: UserId, email: str) -> LookUp:
        with failing_as(UsersUnavailableError):
            snapshots = self._client.get_all([self._user(user_id), self._reservation(email)], **call())
            found = {snapshot.reference.parent.id: snapshot for snapshot in snapshots}
        user, reservation = found[USERS], found[EMAIL_RESERVATIONS]
        return LookUp(
            stored=(_stored_user(user), EntryVersion(user.create_time)) if user.exists else None,
            holder=UserId(reservation.get("user_id")) if reservation.exists else None,
            at=user.read_time,
        )

    def _user(self, user_id: UserId) -> DocumentReference:
        return self._client.document(USERS, user_id)

    def _reservation(self, email: str) -> DocumentReference:
        return self._client.document(EMAIL_RESERVATIONS, reservation_id(email))


def _stored_user(found: DocumentSnapshot[Any]) -> StoredUser:
    fields = found.to_dict() or {}
    return StoredUser(
        user=read_document({**fields, "id": found.id}, User),
        password_hash=read_document(fields["password"], PasswordHash),
        email_verified=fields.get("email_verified") is True,  # users of before were not
    )
