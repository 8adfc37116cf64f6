"""The outbox in Firestore: `outbox/{event_id}` holds an event's fields; its encoding is chosen when it is published."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from google.api_core.exceptions import FailedPrecondition, NotFound
from google.cloud.firestore import Client, DocumentSnapshot

from shared.contract.documents import OUTBOX
from shared.contract.log_events import LogEvent
from shared.contract.outbox_entry import TYPE
from shared.events.codec import KINDS
from shared.events.user_created import UserCreated
from shared.firestore.calls import call, failing_as
from shared.firestore.documents import UnreadableDocumentError, read_document
from shared.outbox.outbox import Entry, EntryVersion, OutboxUnavailableError
from shared.runtime import logs

_PAGE = 500  # by one query: fewer round trips; what a run does not come to is read again by the next


class FirestoreOutbox:
    """
    Pages go by document name, because an index on time would be a hot spot.

    An entry's version is its document's update time.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._collection = client.collection(OUTBOX)

    def pages(self) -> Iterator[Sequence[Entry]]:
        query = self._collection.order_by("__name__").limit(_PAGE)
        with failing_as(OutboxUnavailableError):
            entries = query.get(**call())
            while entries:
                yield [entry for entry in map(_entry, entries) if entry]
                entries = query.start_after(entries[-1]).get(**call())

    def clear(self, entry: Entry) -> None:
        at_version = self._client.write_option(last_update_time=entry.version)
        with failing_as(OutboxUnavailableError), suppress(FailedPrecondition, NotFound):
            self._collection.document(entry.event.event_id).delete(option=at_version, **call())

    def count(self) -> int:
        with failing_as(OutboxUnavailableError):
            counted = self._collection.count().get(**call())  # type: ignore[no-untyped-call]  # the library's gap
            return int(counted[0][0].value)


def _entry(found: DocumentSnapshot[Any]) -> Entry | None:
    fields = found.to_dict() or {}
    try:
        # entries without a type date from when there was only one type
        event = read_document(fields, KINDS[fields.get(TYPE, UserCreated.type)])
    except (UnreadableDocumentError, KeyError, TypeError):  # a type may be a list
        event = None
    if event and event.event_id == found.id and event.occurred_at.tzinfo:
        age = found.read_time - found.create_time
        return Entry(event, EntryVersion(found.update_time), age_seconds=age.total_seconds())
    logs.error(LogEvent.OUTBOX_ENTRY_UNREADABLE, event_id=found.id)
    return None
