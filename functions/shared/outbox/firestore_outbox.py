"""The outbox in Firestore: `outbox/{event_id}` holds an event's fields; its encoding is chosen when it is published."""

from collections.abc import Iterator, Sequence
from typing import Any

from google.cloud.firestore import Client, CollectionReference, DocumentSnapshot

from shared.contract.documents import OUTBOX
from shared.contract.log_events import LogEvent
from shared.contract.outbox_entry import TYPE
from shared.events.codec import KINDS
from shared.events.event import Event, EventId
from shared.events.user_created import UserCreated
from shared.firestore.calls import CALL, failing_as
from shared.firestore.documents import UnreadableDocumentError, read_document
from shared.outbox.outbox import OutboxUnavailableError
from shared.runtime import logs

_FETCHED = 500  # by one query: fewer round trips; what a run does not come to is read again by the next
_PAGE = 50


class FirestoreOutbox:
    """Pages go by document name, because an index on time would be a hot spot."""

    def __init__(self, client: Client) -> None:
        self._collection: CollectionReference = client.collection(OUTBOX)

    def pages(self) -> Iterator[Sequence[Event]]:
        query = self._collection.order_by("__name__").limit(_FETCHED)
        with failing_as(OutboxUnavailableError):
            entries = query.get(**CALL)
            while entries:
                for start in range(0, len(entries), _PAGE):
                    yield [event for event in map(_event, entries[start : start + _PAGE]) if event]
                entries = query.start_after(entries[-1]).get(**CALL)

    def clear(self, event_id: EventId) -> None:
        with failing_as(OutboxUnavailableError):
            self._collection.document(event_id).delete(**CALL)

    def count(self) -> int:
        with failing_as(OutboxUnavailableError):
            counted = self._collection.count().get(**CALL)  # type: ignore[no-untyped-call]  # the library's gap
            return int(counted[0][0].value)


def _event(entry: DocumentSnapshot[Any]) -> Event | None:
    fields = entry.to_dict() or {}
    try:
        # entries without a type date from when there was only one type
        event = read_document(fields, KINDS[fields.get(TYPE, UserCreated.type)])
    except (UnreadableDocumentError, KeyError, TypeError):  # a type may be a list
        event = None
    if event and event.event_id == entry.id and event.occurred_at.tzinfo:
        return event
    logs.error(LogEvent.OUTBOX_ENTRY_UNREADABLE, event_id=entry.id)
    return None
