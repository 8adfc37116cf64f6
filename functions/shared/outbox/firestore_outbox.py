"""The outbox in Firestore: `outbox/{event_id}` holds an event's fields; its encoding is chosen when it is published."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from random import sample

from shared.contract.documents import OUTBOX
from shared.contract.log_events import LogEvent
from shared.contract.outbox_entry import TYPE
from shared.events.codec import KINDS
from shared.events.user_created import UserCreated
from shared.firestore.database import Connect, Delete, Document, PreconditionError, failing_as
from shared.firestore.documents import UnreadableDocumentError, read_document
from shared.outbox.id_ranges import ALL, MOST, IdRange, ranges
from shared.outbox.outbox import Entry, EntryVersion, OutboxUnavailableError
from shared.runtime import logs

_PAGE = 1000  # by one query: fewer round trips; what a run does not come to is read again by the next
_IN_A_RANGE = 850  # on average, so that seldom one has more than a page
SMALL_RANGES, COUNTED_RANGES = 256, 8
AT_ONCE = 4


class FirestoreOutbox:
    """
    Entries are read by name, because an index on time would be a hot spot: all by one query, where it can.

    It cannot where there are more than a page, or where it passes over too many that were lately deleted. Then ranges
    of ids are read, several at once, in a random order: of runs that end early, each goes on elsewhere.

    An entry's version is its document's update time.
    """

    def __init__(self, database: Connect) -> None:
        self._database = database

    def pages(self) -> Iterator[Sequence[Entry]]:
        try:
            entries, rest = self._read(ALL)
        except OutboxUnavailableError:
            left = ranges(SMALL_RANGES)
        else:
            yield entries
            left = ranges(min(self.count() // _IN_A_RANGE + 1, MOST), after=rest.after) if rest else []
        left = sample(left, len(left))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while left:
                read = list(pool.map(self._read, left[:AT_ONCE]))
                yield [entry for entries, _ in read for entry in entries]
                left = [rest for _, rest in read if rest] + left[AT_ONCE:]

    def _read(self, ids: IdRange) -> tuple[list[Entry], IdRange | None]:
        """A page, and what is left of the range if it is full."""
        with failing_as(OutboxUnavailableError):
            page, at = self._database().page(OUTBOX, after=ids.after, until=ids.until, limit=_PAGE)
        entries = [entry for each in page if (entry := _entry(each, at))]
        return entries, ids._replace(after=page[-1].id) if len(page) == _PAGE else None

    def clear(self, entry: Entry) -> None:
        with failing_as(OutboxUnavailableError), suppress(PreconditionError):
            self._database().commit(Delete(f"{OUTBOX}/{entry.event.event_id}", entry.version))

    def count(self) -> int:
        """Likewise; by fewer ranges, because a run has little time left when it counts."""
        try:
            return self._count(ALL)
        except OutboxUnavailableError:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                return sum(pool.map(self._count, ranges(COUNTED_RANGES)))

    def _count(self, ids: IdRange) -> int:
        with failing_as(OutboxUnavailableError):
            return self._database().count(OUTBOX, after=ids.after, until=ids.until)


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
