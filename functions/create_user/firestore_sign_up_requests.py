"""Requests in Firestore: counts of mails under hashes of addresses, and the event that goes with each mail."""

from dataclasses import replace
from datetime import timedelta

from shared.contract.documents import EMAIL_RESERVATIONS, OUTBOX, SIGN_UP_REQUESTS, TAGGED_SIGN_UP_REQUESTS, USERS
from shared.events.event import Event, UserId
from shared.events.outbox_entry import entry_of
from shared.firestore.database import Connect, Create, Document, PreconditionError, Update, failing_as
from shared.firestore.documents import read_document
from shared.outbox.outbox import EntryVersion
from shared.users.address_key import is_one_of_many, mailbox_id, reservation_id, untagged

from .mail_count import CountVersion, MailCount
from .sign_up_requests import Requested, RequestsUnavailableError

_KEPT = timedelta(days=3)  # longer than the day that a count covers


class FirestoreSignUpRequests:
    """
    `sign_up_requests/{hash of the address}`, and for tagged addresses `tagged_sign_up_requests/{hash of the mailbox}`.

    A record holds nothing of a person. Its fields decide, never its existence: it may go at any time after its day.
    """

    def __init__(self, database: Connect) -> None:
        self._database = database

    def look_up(self, address: str) -> Requested:
        reservation = f"{EMAIL_RESERVATIONS}/{reservation_id(address)}"
        with failing_as(RequestsUnavailableError):
            (reserved, mails, *tagged), at = self._database().get(reservation, *_records(address))
        return Requested(
            at=at,
            holder=UserId(reserved.fields["user_id"]) if reserved else None,
            mails=_count(mails),
            tagged=_count(tagged[0]) if tagged else None,
        )

    def address_of(self, user_id: UserId) -> str | None:
        with failing_as(RequestsUnavailableError):
            (user,), _ = self._database().get(f"{USERS}/{user_id}", only=["email"])
        address = user and user.fields.get("email")
        return address if isinstance(address, str) else None

    def count(self, address: str, requested: Requested, event: Event) -> EntryVersion | None:
        mails, *tagged = _records(address)
        writes = [_counted(mails, requested.mails.with_another(requested.at), event_id=event.event_id)]
        if tagged and requested.tagged:
            writes.append(_counted(tagged[0], requested.tagged.with_another(requested.at)))
        entry = Create(f"{OUTBOX}/{event.event_id}", entry_of(event))
        with failing_as(RequestsUnavailableError):
            try:
                return EntryVersion(self._database().commit(*writes, entry))
            except PreconditionError:
                return None  # also if the commit met itself, as its reply was lost: the relay publishes its event


def _records(address: str) -> list[str]:
    """Where the mails to the address are counted, and for a tagged one those to all of its mailbox."""
    mails = f"{SIGN_UP_REQUESTS}/{mailbox_id(address)}"
    if not is_one_of_many(address):
        return [mails]
    return [mails, f"{TAGGED_SIGN_UP_REQUESTS}/{reservation_id(untagged(address))}"]


def _counted(record: str, count: MailCount, **last_mail: str) -> Create | Update:
    """Replace the version that the count was read from."""
    expires_at = count.last_mail_at + _KEPT
    fields = {"mails": count.mails, "last_mail_at": count.last_mail_at, "expires_at": expires_at, **last_mail}
    return Update(record, fields, count.version) if count.version else Create(record, fields)


def _count(found: Document | None) -> MailCount:
    if not found:
        return MailCount()
    return replace(read_document(found.fields, MailCount), version=CountVersion(found.update_time))
