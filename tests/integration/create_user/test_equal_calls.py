"""What a request to sign up costs: the same calls, in the same order, whether its address is free or taken."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.firestore import Client
from werkzeug.test import Client as Caller

from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from shared.users.address_key import reservation_id
from testkit.builders import a_stored_user
from testkit.canary import LINK_KEYS, PEPPERS
from testkit.database import database_of
from testkit.entry_points import FUNCTIONS, loaded
from testkit.rpcs import rpcs_through
from testkit.signing_up import an_address
from testkit.stack import LocalStack

pytestmark = pytest.mark.pubsub  # its calls are recorded where Google's libraries make them


@pytest.fixture
def calls() -> Iterator[list[tuple[str, ...]]]:
    """Every RPC of channels from now on: its name and what documents it reads or writes, in their order."""
    calls: list[tuple[str, ...]] = []

    def record(name: str, request: Any, make: Callable[[], Any]) -> Any:
        calls.append((name, *_documents(name, request)))
        return make()

    with rpcs_through(record):
        yield calls


@pytest.fixture
def caller(
    stack: LocalStack, firestore_client: Client, calls: list[tuple[str, ...]], *, clear_outbox: str
) -> Iterator[Caller]:
    assert calls == []  # recording has begun before the function has its clients
    stack.push_events_of(firestore_client.project)
    environment = {
        "GOOGLE_CLOUD_PROJECT": firestore_client.project,
        "EVENT_TOPIC": "user.created",
        "PASSWORD_PEPPERS": PEPPERS,
        "VERIFY_EMAIL": "true",
        "LINK_KEYS": LINK_KEYS,
        "CLEAR_OUTBOX": clear_outbox,
        **stack.emulator_hosts,
    }
    with loaded(FUNCTIONS / "create_user" / "main.py", "create_user", environment) as caller:
        yield caller


@pytest.mark.parametrize("clear_outbox", ["before", "after"])
@pytest.mark.parametrize("tag", ["", "+news"])
def test_free_and_taken_address_cost_the_same_calls_on_the_first_request_and_on_later_ones(
    caller: Caller, calls: list[tuple[str, ...]], firestore_client: Client, tag: str
) -> None:
    free, taken = (an_address().replace("@", f"{tag}@") for _ in range(2))
    holder = a_stored_user(email=taken)
    FirestoreUsers(database_of(firestore_client)).add(holder, user_created(holder.user, traceparent=""))
    tagged = ["tagged_sign_up_requests"] if tag else []
    mailed = [
        ("BatchGetDocuments", *sorted(["email_reservations", "sign_up_requests", *tagged])),
        ("BatchGetDocuments", "users"),
        ("Commit", "sign_up_requests", *tagged, "outbox"),
        ("Publish",),
        ("Commit", "outbox"),
    ]

    for address in (free, taken):
        for pause, expected in ((0, mailed), (10, mailed[:2]), (60, mailed), (60, mailed), (60, mailed), (60, mailed)):
            _set_back(firestore_client, address, seconds=pause)
            calls.clear()

            answer = caller.post("/sign-ups", json={"email": address})
            answer.close()

            assert (answer.status_code, answer.data) == (202, b'{"status":"accepted"}')
            assert calls == expected
        _set_back(firestore_client, address, seconds=60)
        calls.clear()
        caller.post("/sign-ups", json={"email": address}).close()
        assert calls == mailed[:2]  # the day's five are spent


def _set_back(firestore: Client, address: str, *, seconds: float) -> None:
    """Make the last mail to the address one of so long ago, if there is one."""
    record = firestore.document("sign_up_requests", reservation_id(address))
    if (there := record.get()).exists:
        record.update({"last_mail_at": there.get("last_mail_at") - timedelta(seconds=seconds)})


def _documents(name: str, request: Any) -> list[str]:
    """The collections of the documents that a call names: those of a read in alphabetical order."""
    if name == "BatchGetDocuments":
        return sorted(map(_collection, request.documents))
    if name == "Commit":
        return [_collection(write.delete or write.update.name) for write in request.writes]
    return []


def _collection(name: str) -> str:
    return name.split("/")[-2]
