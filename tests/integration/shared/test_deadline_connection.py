"""DeadlineConnection where a name has several addresses."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Timer
from typing import Any

import pytest

from shared.runtime.deadline_connection import DeadlineConnection

DEADLINE_SECONDS = 1.0


@pytest.fixture
def silent() -> Iterator[Any]:
    """An address that takes no connection and refuses none."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as waiting:
        for _ in range(5):  # they fill the queue of those who wait
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield listener.getsockname()


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def name_has(monkeypatch: pytest.MonkeyPatch, *addresses: Any, resolving_seconds: float = 0) -> None:
    def resolve(*_: object, **_options: object) -> list[Any]:
        time.sleep(resolving_seconds)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]

    monkeypatch.setattr("socket.getaddrinfo", resolve)


@contextmanager
def connected() -> Iterator[socket.socket]:
    opened = DeadlineConnection("mail.example", 25, deadline=time.monotonic() + DEADLINE_SECONDS, tls=None)
    with opened.socket:
        yield opened.socket
    opened.stop_watching()


@pytest.mark.parametrize("resolving_seconds", [0, 0.8])
def test_silent_addresses_are_left_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, silent: Any, resolving_seconds: float
) -> None:
    name_has(monkeypatch, *[silent] * 4, resolving_seconds=resolving_seconds)
    started = time.monotonic()

    with pytest.raises(OSError, match="timed out"), connected():
        pass

    assert time.monotonic() - started < DEADLINE_SECONDS + 0.5


def test_address_behind_one_that_is_silent_is_reached(
    monkeypatch: pytest.MonkeyPatch, silent: Any, server: socket.socket
) -> None:
    name_has(monkeypatch, silent, server.getsockname())

    with connected() as connection:
        assert connection.getpeername() == server.getsockname()


def test_address_that_was_not_the_only_one_may_answer_until_the_deadline(
    monkeypatch: pytest.MonkeyPatch, server: socket.socket, silent: Any
) -> None:
    name_has(monkeypatch, server.getsockname(), *[silent] * 9)

    with connected() as connection, server.accept()[0] as peer:
        answering = Timer(0.4, peer.sendall, [b"late"])
        answering.start()
        assert connection.recv(4) == b"late"
        answering.join()
