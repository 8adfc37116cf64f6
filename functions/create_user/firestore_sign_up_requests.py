"""Requests in Firestore: counts of mails under hashes of addresses, and the event that goes with each mail."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, NotFound
from google.cloud.firestore import Client, DocumentReference, DocumentSnapshot, WriteBatch

from shared.contract.documents import EMAIL_RESERVATIONS, OUTBOX, SIGN_UP_REQUESTS, TAGGED_SIGN_UP_REQUESTS, USERS
from shared.events.event import Event, UserId
from shared.events.outbox_entry import entry_of
from shared.firestore.calls import call, failing_as
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

    def __init__(self, client: Client) -> None:
        self._client = client

    def look_up(self, address: str) -> Requested:
        reservation = self._client.document(EMAIL_RESERVATIONS, reservation_id(address))
        mails, tagged = self._record(address), self._tagged_record(address)
        with failing_as(RequestsUnavailableError):
            snapshots = self._client.get_all([reservation, mails, *filter(None, [tagged])], **call())
            found = {snapshot.reference.parent.id: snapshot for snapshot in snapshots}
        reserved = found[EMAIL_RESERVATIONS]
        return Requested(
            at=reserved.read_time,
            holder=UserId(reserved.get("user_id")) if reserved.exists else None,
            mails=_count(found[SIGN_UP_REQUESTS]),
            tagged=_count(found[TAGGED_SIGN_UP_REQUESTS]) if tagged else None,
        )

    def address_of(self, user_id: UserId) -> str | None:
        with failing_as(RequestsUnavailableError):
            fields = self._client.document(USERS, user_id).get(["email"], **call()).to_dict() or {}
        address = fields.get("email")
        return address if isinstance(address, str) else None

    def count(self, address: str, requested: Requested, event: Event) -> EntryVersion | None:
        batch = self._client.batch()
        self._write(batch, self._record(address), requested.mails.with_another(requested.at), event_id=event.event_id)
        if (tagged := self._tagged_record(address)) and requested.tagged:
            self._write(batch, tagged, requested.tagged.with_another(requested.at))
        batch.create(self._client.document(OUTBOX, event.event_id), entry_of(event))
        with failing_as(RequestsUnavailableError):
            try:
                return EntryVersion(batch.commit(**call())[-1].update_time)
            except (AlreadyExists, FailedPrecondition, NotFound):
                return None  # also if the library met its own commit, whose reply was lost: the relay publishes it

    def _record(self, address: str) -> DocumentReference:
        return self._client.document(SIGN_UP_REQUESTS, mailbox_id(address))

    def _tagged_record(self, address: str) -> DocumentReference | None:
        if not is_one_of_many(address):
            return None
        return self._client.document(TAGGED_SIGN_UP_REQUESTS, reservation_id(untagged(address)))

    def _write(self, batch: WriteBatch, record: DocumentReference, count: MailCount, **last_mail: str) -> None:
        """Replace the version that the count was read from."""
        expires_at = count.last_mail_at + _KEPT
        fields = {"mails": count.mails, "last_mail_at": count.last_mail_at, "expires_at": expires_at, **last_mail}
        if count.version is None:
            batch.create(record, fields)
        else:
            batch.update(record, fields, option=self._client.write_option(last_update_time=count.version))


def _count(found: DocumentSnapshot[Any]) -> MailCount:
    if not found.exists:
        return MailCount()
    fields = read_document(found.to_dict(), MailCount)
    return replace(fields, version=CountVersion(found.update_time))
