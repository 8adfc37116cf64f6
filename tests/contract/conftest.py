"""Each fake passes the same tests as the adapter that it stands for."""

from collections.abc import Iterator

import pytest
from google.cloud.firestore import Client

from create_user.firestore_sign_up_requests import FirestoreSignUpRequests
from create_user.firestore_users import FirestoreUsers
from shared.outbox.firestore_outbox import FirestoreOutbox
from testkit import fakes
from testkit.database import database_of
from testkit.fake_requests import Requests
from testkit.nats_server import NatsServer
from tests.contract.user_store import Store


@pytest.fixture(autouse=True)
def patient_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """An emulator that pauses is not a fault here; what a call may take is tested in tests/unit/shared."""
    monkeypatch.setattr("shared.firestore.calls.TIMEOUT_SECONDS", 30.0)


@pytest.fixture(scope="session")
def nats() -> Iterator[NatsServer]:
    with NatsServer.running() as server:
        yield server


@pytest.fixture
def failing_firestore(pubsub_host: str) -> Iterator[Client]:
    """A client whose every call fails at once: the server it calls is not Firestore."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", pubsub_host)
        client = Client(project="usher-test")
    yield client
    client.close()  # type: ignore[no-untyped-call]  # the library's gap


@pytest.fixture(params=["fake", "firestore"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "fake":
        users = fakes.Users()
        return Store(users, Requests(users), users.outbox)
    client = request.getfixturevalue("firestore_client")
    return Store(
        FirestoreUsers(database_of(client)),
        FirestoreSignUpRequests(database_of(client)),
        FirestoreOutbox(database_of(client)),
    )
