"""The Firestore that is explored does what Firestore's emulator does, call by call."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPIError
from google.cloud.firestore import Client
from google.cloud.firestore_v1.base_query import FieldFilter

from proofs.explore.clients import Client as ExploredClient
from tests.contract.explored import one_world


@pytest.fixture
def explored_client() -> Iterator[ExploredClient]:
    with one_world():
        yield ExploredClient()


def said(call: Callable[[], Any]) -> object:
    try:
        return call()
    except GoogleAPIError as error:
        return type(error).__name__


def counted(client: Any, reference: Any, entry: str, version: Any) -> object:
    """As a mail is counted: an update at the version read, in one batch with a create."""
    batch = client.batch()
    batch.update(reference, {"mails": 1}, option=client.write_option(last_update_time=version))
    batch.create(client.document("outbox", entry), {"name": "Cid"})
    return said(lambda: len({result.update_time for result in batch.commit()})), reference.get().to_dict()


def reads(client: Any) -> Iterator[object]:
    """Of documents that are there or not, one by one, in pages and counted."""
    one, gone = (client.document("users", name) for name in ("a", "c"))
    none = client.document("users", "none")
    snapshots = list(client.get_all([gone, none, one], ["name"]))
    yield sorted((each.id, each.exists, each.to_dict()) for each in snapshots)
    # One time for all, also for what is not there.
    yield len({each.read_time for each in snapshots})
    yield [each.read_time >= max(one.get().update_time, gone.get().update_time) for each in snapshots]
    query = client.collection("users").order_by("__name__").limit(2)
    page = query.get()
    yield all(each.read_time >= each.update_time for each in page)
    yield [(each.id, each.to_dict()) for each in page], [each.id for each in query.start_after(page[-1]).get()]
    new = client.collection("users").where(filter=FieldFilter("state", "==", "new"))
    yield [each.id for each in new.order_by("__name__").get()]
    by_name = client.collection("users").where(filter=FieldFilter("name", ">", "Ann")).order_by("name").limit(1)
    page = by_name.get()
    yield [each.id for each in page], [each.id for each in by_name.start_after(page[-1]).get()]
    yield [each.to_dict() for each in client.collection("users").select(["name"]).limit(1).get()]
    yield client.collection("users").count().get()[0][0].value


def conversation(client: Any) -> Iterator[object]:
    """Every kind of call, in every situation that tells them apart."""
    one, other, gone = (client.document("users", name) for name in ("a", "b", "c"))
    yield said(lambda: one.get().exists)
    created = one.create({"name": "Ewan", "state": "new", "at": {"depth": 1}})
    found = one.get()
    yield found.exists, found.to_dict(), found.get("name"), found.id, found.reference.parent.id
    yield found.create_time == found.update_time == created.update_time, found.read_time >= found.update_time
    yield said(lambda: one.create({"name": "Ann"}))
    yield said(lambda: gone.update({"name": "Ann"}))

    at = client.write_option
    yield one.update({"name": "Ewan"}).update_time == created.update_time  # which changes nothing
    yield one.set(found.to_dict()).update_time == created.update_time
    changed = one.update({"name": "Ann"}, option=at(last_update_time=created.update_time))
    yield changed.update_time > created.update_time, one.get().to_dict(), one.get().create_time == created.update_time
    yield said(lambda: one.update({"name": "Eve"}, option=at(last_update_time=created.update_time)))
    yield said(lambda: one.delete(option=at(last_update_time=created.update_time)))
    yield said(lambda: gone.update({"name": "Eve"}, option=at(last_update_time=created.update_time)))
    yield said(lambda: gone.delete(option=at(last_update_time=created.update_time)))
    yield said(lambda: gone.delete() is not None)

    batch = client.batch()
    batch.create(other, {"name": "Bob", "state": "old"})
    batch.create(one, {"name": "Bob"})
    yield said(batch.commit), other.get().exists
    batch = client.batch()
    batch.create(other, {"name": "Bob", "state": "old"})
    batch.set(gone, {"name": "Cid", "state": "new"})
    times = [result.update_time for result in batch.commit()]
    yield len(set(times)), other.get().create_time == times[0]

    before = gone.get().update_time
    yield (
        counted(client, gone, "a", before),
        counted(client, gone, "b", before),
        client.document("outbox", "b").get().exists,
    )
    yield (
        counted(client, one, "a", one.get().update_time),
        counted(client, client.document("users", "none"), "b", before),
    )

    yield from reads(client)

    again = other.get().update_time
    other.delete(option=at(last_update_time=again))
    yield other.get().exists, said(lambda: other.delete(option=at(last_update_time=again)))
    yield other.create({"name": "Bob", "state": "old"}).update_time > again
    yield said(lambda: other.delete(option=at(last_update_time=again))), other.get().exists


def test_explored_firestore_answers_as_the_emulator_does(
    firestore_client: Client, explored_client: ExploredClient
) -> None:
    for number, (emulated, explored) in enumerate(
        zip(conversation(firestore_client), conversation(explored_client), strict=True)
    ):
        assert (number, explored) == (number, emulated)
