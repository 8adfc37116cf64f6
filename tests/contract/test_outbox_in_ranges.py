"""How many queries the outbox is read by, and that no entry waits behind the others."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from google.cloud.firestore import Client

from benchmarks.stored import fill_outbox
from shared.firestore.database import Database, DatabaseError, Document
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.id_ranges import ALL, IdRange
from shared.outbox.outbox import OutboxUnavailableError
from testkit.database import database_of

MORE_THAN_A_PAGE = 1200


@dataclass
class Watched:
    """Counts the queries of a database, and fails those of the `slow` ranges, as if they took too long."""

    database: Database
    slow: set[IdRange] = field(default_factory=set)
    queries: list[IdRange] = field(default_factory=list)

    def page(self, collection: str, *, after: str, until: str, limit: int) -> tuple[list[Document], datetime]:
        self._query(IdRange(after, until))
        return self.database.page(collection, after=after, until=until, limit=limit)

    def count(self, collection: str, *, after: str, until: str) -> int:
        self._query(IdRange(after, until))
        return self.database.count(collection, after=after, until=until)

    def _query(self, ids: IdRange) -> None:
        self.queries.append(ids)
        if ids in self.slow:
            raise DatabaseError


@pytest.fixture
def watched(firestore_client: Client) -> Watched:
    return Watched(database_of(firestore_client)())


@pytest.fixture
def outbox(watched: Watched) -> FirestoreOutbox:
    return FirestoreOutbox(lambda: watched)  # type: ignore[arg-type,return-value]  # it reads and counts


@pytest.mark.parametrize("count", [0, 3])
def test_few_entries_cost_one_query(
    outbox: FirestoreOutbox, watched: Watched, firestore_client: Client, count: int
) -> None:
    fill_outbox(firestore_client, count)

    assert sum(map(len, outbox.pages())) == count
    assert watched.queries == [ALL]


def test_run_that_stops_at_the_first_page_reads_no_other(
    outbox: FirestoreOutbox, watched: Watched, firestore_client: Client
) -> None:
    fill_outbox(firestore_client, MORE_THAN_A_PAGE)

    next(iter(outbox.pages()))

    assert watched.queries == [ALL]


def test_runs_that_end_early_go_on_in_different_places(
    outbox: FirestoreOutbox, watched: Watched, firestore_client: Client
) -> None:
    fill_outbox(firestore_client, MORE_THAN_A_PAGE)
    watched.slow.add(ALL)

    begun = [[entry.event.event_id for entry in next(iter(outbox.pages()))] for _ in range(5)]

    assert len(set(map(tuple, begun))) > 1


def test_what_one_query_cannot_pass_over_in_time_is_read_and_counted_in_ranges(
    outbox: FirestoreOutbox, watched: Watched, firestore_client: Client
) -> None:
    fill_outbox(firestore_client, MORE_THAN_A_PAGE)
    watched.slow.add(ALL)

    found = [entry.event.event_id for page in outbox.pages() for entry in page]

    assert len(found) == len(set(found)) == MORE_THAN_A_PAGE
    assert outbox.count() == MORE_THAN_A_PAGE


def test_range_that_cannot_be_read_is_not_taken_for_empty(outbox: FirestoreOutbox, watched: Watched) -> None:
    watched.slow |= {ALL, IdRange("7f00", "8000"), IdRange("6000", "8000")}

    with pytest.raises(OutboxUnavailableError):
        list(outbox.pages())
    with pytest.raises(OutboxUnavailableError):
        outbox.count()
