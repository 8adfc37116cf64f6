"""Each fake passes the same tests as the adapter that it stands for."""

from collections.abc import Iterator

import pytest
from google.cloud.firestore import Client


@pytest.fixture
def failing_firestore(pubsub_host: str) -> Iterator[Client]:
    """A client whose every call fails at once: the server it calls is no Firestore."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", pubsub_host)
        client = Client(project="usher-test")
    yield client
    client.close()  # type: ignore[no-untyped-call]  # the library's gap
