"""The database that is explored does what Firestore's emulator does, call by call."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from google.cloud.firestore import Client

from proofs.explore.database import ExploredDatabase
from shared.firestore.database import Create, Database, DatabaseError, Delete, Put, Update
from testkit.database import database_of
from tests.contract.explored import one_world


@pytest.fixture
def explored() -> Iterator[ExploredDatabase]:
    with one_world():
        yield ExploredDatabase()


def said(call: Callable[[], Any]) -> object:
    try:
        return call()
    except DatabaseError as error:
        return type(error).__name__


def version_of(database: Database, path: str) -> datetime:
    (found,), _ = database.get(path)
    assert found
    return found.update_time


def writes(database: Database) -> Iterator[object]:
    """Each kind, where what it demands is so and where it is not."""
    created = database.commit(Create("users/a", {"name": "Ewan", "at": {"depth": 1}}))
    yield said(lambda: database.commit(Create("users/a", {"name": "Ann"})))
    yield said(lambda: database.commit(Update("users/none", {"name": "Ann"}, created)))
    yield said(lambda: database.commit(Delete("users/none", created)))
    yield database.commit(Put("users/a", {"name": "Ewan", "at": {"depth": 1}})) == created, "which changes nothing"

    changed = database.commit(Update("users/a", {"name": "Ann"}, created))
    yield changed > created, [each and each.fields for each in database.get("users/a")[0]]
    yield said(lambda: database.commit(Update("users/a", {"name": "Eve"}, created)))
    yield said(lambda: database.commit(Delete("users/a", created)))
    put = database.commit(Put("users/a", {"name": "Bob"}))
    yield put > changed, [each and each.fields for each in database.get("users/a")[0]]

    all_or_none = (Create("users/b", {}), Create("outbox/b", {"name": "Bob"}))
    yield said(lambda: database.commit(*all_or_none, Create("users/a", {})))
    yield database.get("users/b", "outbox/b")[0]
    together = database.commit(*all_or_none)
    yield version_of(database, "users/b") == version_of(database, "outbox/b") == together

    database.commit(Delete("users/b", together))
    yield said(lambda: database.commit(Delete("users/b", together)))
    again = database.commit(Create("users/b", {}))
    yield again > together, said(lambda: database.commit(Delete("users/b", together)))


def reads(database: Database) -> Iterator[object]:
    for name in ("a", "b", "c", "d"):
        database.commit(Create(f"users/{name}", {"name": name, "state": "new"}))
    database.commit(Create("other/e", {}))

    found, at = database.get("users/c", "users/none", "users/a", only=["name"])
    yield [each and (each.path, each.id, each.fields) for each in found]
    yield [each and (each.create_time == each.update_time <= at) for each in found]
    for bounds in ({}, {"after": "a"}, {"until": "c"}, {"after": "a", "until": "d"}, {"after": "d"}, {"until": "a"}):
        page, read_at = database.page("users", limit=2, **bounds)
        yield [(each.path, each.fields) for each in page], not page or read_at >= at
        yield database.count("users", **bounds)
    yield database.page("none", limit=2)[0], database.count("users"), database.count("none")


@pytest.mark.parametrize("conversation", [writes, reads])
def test_explored_database_answers_as_the_emulator_does(
    conversation: Callable[[Database], Iterator[object]], firestore_client: Client, explored: ExploredDatabase
) -> None:
    emulated = database_of(firestore_client)()

    for number, answers in enumerate(zip(conversation(emulated), conversation(explored), strict=True)):
        assert answers[0] == answers[1], number
