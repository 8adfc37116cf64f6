"""What Firestore itself holds of requests to sign up, and what a repeated commit leaves."""

from collections.abc import Callable
from datetime import UTC, timedelta
from hashlib import sha256
from typing import Any

import pytest
from google.cloud.firestore import Client

from create_user.firestore_sign_up_requests import FirestoreSignUpRequests
from create_user.mail_count import MailCount
from testkit.builders import a_sign_up_requested, a_stored_user
from testkit.database import database_of
from testkit.rpcs import rpcs_through

ADDRESS, TAGGED = "ewan@example.com", "ewan+news@example.com"


@pytest.mark.parametrize(
    ("fields", "address"), [({"email": ADDRESS}, ADDRESS), ({"name": "E"}, None), ({"email": 1}, None)]
)
def test_address_is_found_whatever_else_a_document_lacks(
    firestore_client: Client, fields: dict[str, object], address: str | None
) -> None:
    user_id = a_stored_user().user.id
    firestore_client.document("users", user_id).create(fields)

    assert FirestoreSignUpRequests(database_of(firestore_client)).address_of(user_id) == address


def test_record_holds_times_a_number_and_the_last_event_under_a_hash_of_the_address_and_expires_after_its_day(
    firestore_client: Client,
) -> None:
    requests = FirestoreSignUpRequests(database_of(firestore_client))
    requested = requests.look_up("EWAN+News@example.com")
    event = a_sign_up_requested()
    requests.count("EWAN+News@example.com", requested, event)

    assert requested.at.tzinfo is UTC
    for collection, address, last in (
        ("sign_up_requests", TAGGED, {"event_id": event.event_id}),
        ("tagged_sign_up_requests", ADDRESS, {}),
    ):
        [record] = firestore_client.collection(collection).get()
        assert record.id == sha256(address.encode()).hexdigest()
        assert record.to_dict() == {
            "mails": 1,
            "last_mail_at": requested.at,
            "expires_at": requested.at + timedelta(days=3),
            **last,
        }
        assert requested.at <= record.create_time < requested.at + timedelta(minutes=1)


def test_record_decides_by_its_fields_and_may_go_or_have_more_of_them(firestore_client: Client) -> None:
    requests = FirestoreSignUpRequests(database_of(firestore_client))
    requests.count(ADDRESS, requests.look_up(ADDRESS), a_sign_up_requested())
    [record] = firestore_client.collection("sign_up_requests").get()

    record.reference.update({"of_a_later_version": 1})
    before = requests.look_up(ADDRESS)
    record.reference.delete()
    after = requests.look_up(ADDRESS)

    assert (before.mails.mails, after.mails) == (1, MailCount())
    assert requests.count(ADDRESS, before, a_sign_up_requested()) is None
    assert requests.count(ADDRESS, after, a_sign_up_requested()) is not None


@pytest.mark.parametrize("mails_before", [0, 1])
def test_commit_that_is_repeated_since_its_reply_was_lost_leaves_one_event_to_the_relay(
    firestore_client: Client, mails_before: int
) -> None:
    requests = FirestoreSignUpRequests(database_of(firestore_client))
    for _ in range(mails_before):
        requests.count(TAGGED, requests.look_up(TAGGED), a_sign_up_requested())
    requested = requests.look_up(TAGGED)

    def twice(_name: str, _request: object, make: Callable[[], Any]) -> Any:
        make()
        return make()

    with rpcs_through(twice):
        repeating = FirestoreSignUpRequests(database_of(firestore_client))
    assert repeating.count(TAGGED, requested, a_sign_up_requested()) is None

    assert len(firestore_client.collection("outbox").get()) == mails_before + 1
    assert requests.look_up(TAGGED).mails.mails == mails_before + 1
