"""The outbox in Firestore: `outbox/{event_id}` holds an event's fields; its encoding is chosen when it is published."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from shared.contract.documents import OUTBOX
from shared.contract.log_events import LogEvent
from shared.contract.outbox_entry import TYPE
from shared.events.codec import KINDS
from shared.events.user_created import UserCreated
from shared.firestore.database import Connect, Delete, Document, PreconditionError, failing_as
from shared.firestore.documents import UnreadableDocumentError, read_document
from shared.outbox.outbox import Entry, EntryVersion, OutboxUnavailableError
from shared.runtime import logs

_PAGE = 500  # by one query: fewer round trips; what a run does not come to is read again by the next


class FirestoreOutbox:
    """
    Pages go by document name, because an index on time would be a hot spot.

    An entry's version is its document's update time.
    """

    def __init__(self, database: Connect) -> None:
        self._database = database

    def pages(self) -> Iterator[Sequence[Entry]]:
        after, is_full = "", True
        while is_full:
            with failing_as(OutboxUnavailableError):
                page, at = self._database().page(OUTBOX, after=after, limit=_PAGE)
            yield [entry for each in page if (entry := _entry(each, at))]
            is_full = len(page) == _PAGE
            after = page[-1].id if page else ""

    def clear(self, entry: Entry) -> None:
        with failing_as(OutboxUnavailableError), suppress(PreconditionError):
            self._database().commit(Delete(f"{OUTBOX}/{entry.event.event_id}", entry.version))

    def count(self) -> int:
        with failing_as(OutboxUnavailableError):
            return self._database().count(OUTBOX)


def _entry(found: Document, at: datetime) -> Entry | None:
    try:
        # entries without a type date from when there was only one type
        event = read_document(found.fields, KINDS[found.fields.get(TYPE, UserCreated.type)])
    except (UnreadableDocumentError, KeyError, TypeError):  # a type may be a list
        event = None
    if event and event.event_id == found.id and event.occurred_at.tzinfo:
        age = at - found.create_time
        return Entry(event, EntryVersion(found.update_time), age_seconds=age.total_seconds())
    logs.error(LogEvent.OUTBOX_ENTRY_UNREADABLE, event_id=found.id)
    return None
