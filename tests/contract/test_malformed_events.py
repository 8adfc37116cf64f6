from datetime import timedelta
from hashlib import sha256

import pytest
from google.cloud.firestore import Client

from shared.deliveries.firestore_malformed_events import FirestoreMalformedEvents, MalformedEventsUnavailableError
from shared.deliveries.subscriber import MalformedEvents
from shared.events.message import Message
from testkit import fakes
from testkit.builders import NOW
from testkit.database import database_of

MESSAGE = Message(b"no event", {"ce-type": "user.created", "a/b.c`": "__name__", "": "x"})


def in_firestore(client: Client, subscriber: str = "send_email") -> FirestoreMalformedEvents:
    return FirestoreMalformedEvents(database_of(client), subscriber, lambda: NOW)


@pytest.fixture(params=["fake", "firestore"])
def malformed_events(request: pytest.FixtureRequest) -> MalformedEvents:
    if request.param == "fake":
        return fakes.MalformedEvents()
    return in_firestore(request.getfixturevalue("firestore_client"))


def test_event_recorded_twice_is_one_record(malformed_events: MalformedEvents) -> None:
    assert malformed_events.record(MESSAGE, "no JSON") == malformed_events.record(MESSAGE, "no JSON")


def test_different_events_are_different_records(malformed_events: MalformedEvents) -> None:
    others = [Message(b"another", MESSAGE.attributes), Message(MESSAGE.data, {"ce-type": "user.deleted"})]

    records = {malformed_events.record(message, "no JSON") for message in (MESSAGE, *others)}

    assert len(records) == 3


def test_record_keeps_what_redriving_takes(firestore_client: Client) -> None:
    record_id = in_firestore(firestore_client).record(MESSAGE, "no JSON")

    (snapshot,) = firestore_client.collection("malformed_events").get()
    fields = snapshot.to_dict() or {}
    assert snapshot.id == record_id
    assert fields.pop("rejection_id")
    assert fields == {
        "subscriber": "send_email",
        "reason": "no JSON",
        "data": b"no event",
        "data_sha256": sha256(b"no event").hexdigest(),
        "data_bytes": 8,
        "attributes": b'{"": "x", "a/b.c`": "__name__", "ce-type": "user.created"}',
        "received_at": NOW,
        "expires_at": NOW + timedelta(days=90),
    }


def test_event_rejected_again_at_the_same_time_is_a_new_version_of_its_record(firestore_client: Client) -> None:
    malformed_events = in_firestore(firestore_client)

    versions = set()
    for _ in range(2):
        record_id = malformed_events.record(MESSAGE, "no JSON")
        versions.add(firestore_client.document("malformed_events", record_id).get().update_time)

    assert len(versions) == 2


@pytest.mark.parametrize("size", [256 * 1024, 256 * 1024 + 1, 9 * 1024 * 1024])
def test_large_data_is_cut_and_its_hash_is_of_the_whole(firestore_client: Client, size: int) -> None:
    data = bytes(size)

    in_firestore(firestore_client).record(Message(data, {"large": "a" * 300 * 1024}), "no JSON")

    (snapshot,) = firestore_client.collection("malformed_events").get()
    assert len(snapshot.get("data")) == 256 * 1024
    assert snapshot.get("data_bytes") == size
    assert snapshot.get("data_sha256") == sha256(data).hexdigest()


def test_large_events_that_differ_only_at_their_end_are_different_records(firestore_client: Client) -> None:
    malformed_events = in_firestore(firestore_client)

    one, other = (malformed_events.record(Message(bytes(300_000) + end, {}), "no JSON") for end in (b"a", b"b"))

    assert one != other


def test_subscribers_have_records_of_their_own(firestore_client: Client) -> None:
    one = in_firestore(firestore_client).record(MESSAGE, "no JSON")
    other = in_firestore(firestore_client, "notify_admin").record(MESSAGE, "no JSON")

    assert one != other


def test_store_that_fails_is_unavailable(failing_firestore: Client) -> None:
    with pytest.raises(MalformedEventsUnavailableError):
        in_firestore(failing_firestore).record(MESSAGE, "no JSON")
