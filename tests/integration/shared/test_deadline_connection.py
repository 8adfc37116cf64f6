"""DeadlineConnection where a name has several addresses, and where the other side takes its time."""

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from functools import partial
from pathlib import Path
from threading import Thread, Timer
from typing import Any

import pytest

from shared.runtime.deadline_connection import DeadlineConnection
from testkit.certificates import self_signed

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


def connected(port: int = 25, tls: ssl.SSLContext | None = None) -> "closing[DeadlineConnection]":
    return closing(DeadlineConnection("localhost", port, deadline=time.monotonic() + DEADLINE_SECONDS, tls=tls))


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
        assert connection.in_time().getpeername() == server.getsockname()


def test_address_that_was_not_the_only_one_may_answer_until_the_deadline(
    monkeypatch: pytest.MonkeyPatch, server: socket.socket, silent: Any
) -> None:
    name_has(monkeypatch, server.getsockname(), *[silent] * 9)

    with connected() as connection, server.accept()[0] as peer:
        answering = Timer(0.4, peer.sendall, [b"late"])
        answering.start()
        assert connection.makefile().read(4) == b"late"
        answering.join()


def reads_slowly(peer: socket.socket) -> None:
    ends = time.monotonic() + 2 * DEADLINE_SECONDS
    while time.monotonic() < ends:
        for _ in range(30):
            peer.recv(16_384)
        time.sleep(0.05)


def floods(peer: socket.socket) -> None:
    ends = time.monotonic() + 2 * DEADLINE_SECONDS
    while time.monotonic() < ends:
        peer.sendall(b"220-and\r\n" * 10_000)


def dribbles(peer: socket.socket, beginning: bytes = b"") -> None:
    with socket.socket(fileno=os.dup(peer.fileno())) as below_tls:
        below_tls.sendall(beginning)
        while True:
            below_tls.sendall(b"x")
            time.sleep(0.05)


LONG_RECORD = b"\x17\x03\x03\x40\x00"  # of TLS: 16 KiB of data follow
LONG_GREETING = b"\x16\x03\x03\x40\x00"


def sends_much(connection: DeadlineConnection) -> None:
    connection.sendall(bytes(50_000_000))


def reads_a_line(connection: DeadlineConnection) -> None:
    connection.makefile().readline()


def reads_every_line(connection: DeadlineConnection) -> None:
    for _ in connection.makefile():
        pass


@pytest.mark.parametrize("over_tls", [False, True])
@pytest.mark.parametrize(
    ("peer_does", "we_do"),
    [
        (reads_slowly, sends_much),
        (partial(dribbles, beginning=LONG_RECORD), reads_a_line),
        (floods, reads_every_line),
    ],
)
def test_peer_that_always_does_something_is_left_at_the_deadline(
    server: socket.socket,
    tmp_path: Path,
    peer_does: Callable[[socket.socket], None],
    we_do: Callable[[DeadlineConnection], None],
    *,
    over_tls: bool,
) -> None:
    servers_tls = self_signed("localhost", tmp_path) if over_tls else None
    tls = ssl.create_default_context(cafile=tmp_path / "certificate.pem") if over_tls else None

    def serve() -> None:
        with suppress(OSError), ExitStack() as ending:
            peer = ending.enter_context(server.accept()[0])
            peer_does(ending.enter_context(servers_tls.wrap_socket(peer, server_side=True)) if servers_tls else peer)

    serving = Thread(target=serve)
    serving.start()
    started = time.monotonic()

    with connected(server.getsockname()[1], tls) as connection, pytest.raises(TimeoutError):
        we_do(connection)

    assert time.monotonic() - started < DEADLINE_SECONDS + 0.5
    serving.join()


def test_handshake_that_never_ends_is_left_at_the_deadline(server: socket.socket) -> None:
    def serve() -> None:
        with suppress(OSError), server.accept()[0] as peer:
            dribbles(peer, LONG_GREETING)

    serving = Thread(target=serve)
    serving.start()
    started = time.monotonic()

    with pytest.raises(TimeoutError), connected(server.getsockname()[1], ssl.create_default_context()):
        pass

    assert time.monotonic() - started < DEADLINE_SECONDS + 0.5
    serving.join()
