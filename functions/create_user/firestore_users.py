"""Users in Firestore: the user, the reservation of the address and the outbox entry in one commit."""

from shared.contract.documents import EMAIL_RESERVATIONS, OUTBOX, USERS
from shared.events.event import UserId
from shared.events.outbox_entry import entry_of
from shared.events.user_created import UserCreated
from shared.firestore.database import Connect, Create, DatabaseError, Document, failing_as
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

    def __init__(self, database: Connect) -> None:
        self._database = database

    def add(self, user: StoredUser, event: UserCreated) -> EntryVersion:
        # The event's id is for those who redrive: from a delivery record they have to find its user.
        fields = vars(user.user) | {
            "event_id": event.event_id,
            "email_verified": user.email_verified,
            "password": vars(user.password_hash),
        }
        del fields["id"]
        # Creates only, no reads: one round trip, no locks; the first of two with one address wins.
        writes = (
            Create(_user(user.user.id), fields),
            Create(_reservation(user.user.email), {"user_id": user.user.id}),
            Create(f"{OUTBOX}/{event.event_id}", entry_of(event)),
        )
        try:
            return EntryVersion(self._database().commit(*writes))
        except DatabaseError as error:
            # PreconditionError included: a commit whose reply was lost is repeated, and then meets itself.
            raise UndecidedError from error

    def look_up(self, user_id: UserId, email: str) -> LookUp:
        with failing_as(UsersUnavailableError):
            (user, reservation), at = self._database().get(_user(user_id), _reservation(email))
        return LookUp(
            stored=(_stored_user(user), EntryVersion(user.create_time)) if user else None,
            holder=UserId(reservation.fields["user_id"]) if reservation else None,
            at=at,
        )


def _user(user_id: UserId) -> str:
    return f"{USERS}/{user_id}"


def _reservation(email: str) -> str:
    return f"{EMAIL_RESERVATIONS}/{reservation_id(email)}"


def _stored_user(found: Document) -> StoredUser:
    return StoredUser(
        user=read_document({**found.fields, "id": found.id}, User),
        password_hash=read_document(found.fields["password"], PasswordHash),
        email_verified=found.fields.get("email_verified") is True,  # users of before were not
    )
