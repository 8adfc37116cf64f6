"""Unit tests open no network."""

from collections.abc import Iterator

import hypothesis
import pytest
import pytest_socket

# No deadline: the machine may be busy. No database: a run depends on no other.
hypothesis.settings.register_profile("usher", deadline=None, database=None, max_examples=50)
hypothesis.settings.load_profile("usher")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    pytest_socket.disable_socket(allow_unix_socket=True)  # asyncio needs pairs of them
    # gRPC opens its sockets past Python's
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:1")
    yield
    pytest_socket.enable_socket()
