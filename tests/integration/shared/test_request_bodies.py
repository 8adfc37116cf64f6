"""No body, however large, slow or malformed, takes an instance's memory or its threads."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from select import select
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from google.cloud.firestore import Client

from shared.web.request_body import SECONDS
from testkit.plain_http import http
from testkit.pushing import TOPIC
from testkit.running_function import RunFunction, RunningFunction
from testkit.signing_up import members
from testkit.stack import LocalStack

MIB = 1024 * 1024
LARGE = 32 * MIB  # what Cloud Run lets through
JSON = "Content-Type: application/json"
ANNOUNCED = f"Content-Length: {LARGE}"
CHUNKED = "Transfer-Encoding: chunked"


def opened(url: str, target: str, *headers: str) -> socket.socket:
    """A connection on which the head of a request is sent."""
    address = urlsplit(url)
    connection = socket.create_connection((address.hostname, address.port), timeout=60)
    connection.sendall("\r\n".join([f"{target} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode())
    return connection


def status(connection: socket.socket) -> int:
    return int(connection.makefile("rb").readline().split()[1])


def status_of_large_body(url: str, target: str, *headers: str) -> int:
    with opened(url, target, *headers) as connection:
        with suppress(ConnectionError):  # on a busy machine the body may take too long: then it is closed
            send_large_body(connection, chunked=CHUNKED in headers)
        return status(connection)


def send_large_body(connection: socket.socket, *, chunked: bool) -> None:
    if chunked:
        connection.sendall(f"{LARGE:x}\r\n".encode())
    for _ in range(LARGE // MIB):
        connection.sendall(bytes(MIB))
    if chunked:
        connection.sendall(b"\r\n0\r\n\r\n")


def peak_mib(function: RunningFunction) -> int:
    """Of memory that the server's worker has held at once."""
    (worker,) = psutil.Process(function.pid).children()
    lines = Path(f"/proc/{worker.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak of memory")
@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        (
            "create_user",
            {
                ("POST /", JSON, ANNOUNCED): 413,
                ("POST /", JSON, CHUNKED): 413,
                ("POST /", "Content-Type: text/plain", ANNOUNCED): 415,
                ("POST /", JSON, "Content-Encoding: gzip", ANNOUNCED): 415,
                ("PUT /", JSON, ANNOUNCED): 405,
                ("GET /", CHUNKED): 405,
                ("POST /users", JSON, CHUNKED): 404,
                ("POST /favicon.ico", ANNOUNCED): 404,
            },
        ),
        ("relay_outbox", {("POST /", ANNOUNCED): 200, ("POST /x", CHUNKED): 404, ("PUT /", ANNOUNCED): 405}),
        ("send_email", {(f"POST /{TOPIC}", JSON, ANNOUNCED): 204, ("POST /", JSON, CHUNKED): 204}),
    ],
)
def test_any_number_of_large_bodies_takes_a_constant_amount_of_memory(
    run_function: RunFunction, name: str, statuses: dict[tuple[str, ...], int]
) -> None:
    function = run_function(name)
    requests = [*statuses] * (8 // len(statuses) + 1)

    with ThreadPoolExecutor(16) as clients:
        answered = list(clients.map(lambda request: status_of_large_body(function.url, *request), requests))

    assert answered == [statuses[request] for request in requests]
    assert peak_mib(function) < 150


def test_body_of_more_than_is_drained_has_its_connection_closed_after_the_answer(stack: LocalStack) -> None:
    with opened(stack.create_user_url, "POST /", JSON, f"Content-Length: {3 * LARGE}") as connection:
        with pytest.raises(ConnectionError):
            connection.sendall(bytes(3 * LARGE))

        assert status(connection) == 413


def test_push_that_is_too_large_for_an_event_is_recorded_and_acknowledged(
    run_function: RunFunction, firestore_client: Client
) -> None:
    function = run_function("send_email")

    answers = [http.post(f"{function.url}{TOPIC}", content=b"x" * (MIB + n)) for n in (0, 1)]

    records = {each.id: each.to_dict() or {} for each in firestore_client.collection("malformed_events").get()}
    logged = [json.loads(line) for line in function.log_lines() if '"event_rejected"' in line]
    assert [answer.status_code for answer in answers] == [200, 204]
    assert [records[line["record"]]["reason"] for line in logged] == [line["reason"] for line in logged]
    assert [line["reason"] for line in logged][1:] == ["the push is larger than 1048576 bytes"]
    assert [line["severity"] for line in logged] == ["ERROR", "ERROR"]


@pytest.mark.exhaustive
def test_bodies_that_trickle_hold_their_threads_for_ten_seconds_and_no_longer(run_function: RunFunction) -> None:
    create_user, send_email = run_function("create_user"), run_function("send_email")
    requests = [
        *[(408, create_user, "POST /", JSON, ANNOUNCED)] * 30,
        *[(408, create_user, "POST /", JSON, CHUNKED)] * 30,
        *[(404, create_user, "POST /users", JSON, ANNOUNCED)] * 4,
        *[(408, send_email, f"POST /{TOPIC}", JSON, CHUNKED)] * 8,
        *[(405, send_email, "PUT /", JSON, ANNOUNCED)] * 8,
    ]
    started = time.monotonic()

    with ExitStack() as stack, ThreadPoolExecutor(1) as honest:
        connections = [
            stack.enter_context(opened(function.url, target, *headers)) for _, function, target, *headers in requests
        ]
        sign_up = honest.submit(partial(httpx.post, create_user.url, json=members(), timeout=60, trust_env=False))
        statuses = dict(trickled(connections, chunked=[CHUNKED in request for request in requests]))
        seconds = time.monotonic() - started
        answer = sign_up.result()

    assert [statuses[connection] for connection in connections] == [expected for expected, *_ in requests]
    assert answer.status_code == 201
    assert SECONDS <= seconds < SECONDS + 5


def trickled(connections: list[socket.socket], *, chunked: list[bool]) -> Iterator[tuple[socket.socket, int]]:
    """Send a byte of each body every half second, until its answer is there and the connection closed."""
    pieces = dict(zip(connections, [b"1\r\nx\r\n" if each else b"x" for each in chunked], strict=True))
    answers = dict.fromkeys(connections, b"")
    while pieces:
        for connection, piece in [*pieces.items()]:
            with suppress(ConnectionError):  # closed; what was received before is still there
                connection.sendall(piece)
            while select([connection], [], [], 0)[0]:
                if received := received_by(connection):
                    answers[connection] += received
                else:
                    del pieces[connection]
                    yield connection, int(answers[connection].split()[1])
                    break
        time.sleep(0.5)


def received_by(connection: socket.socket) -> bytes:
    """What has arrived; nothing once the connection is closed, however that was."""
    with suppress(ConnectionError):
        return connection.recv(4096)
    return b""


@pytest.mark.parametrize(
    "chunks",
    ["-1\r\n", "0x5\r\n", "\r\n", "5;a\n=1\r\nhello\r\n", "5;a=\0\r\n", "5\r\nhelloX", "5\r\nhe", "0\r\nX\r\n"],
)
def test_malformed_chunk_is_the_callers_fault(stack: LocalStack, chunks: str) -> None:
    expected = {
        (stack.create_user_url, "POST /", JSON): 400,
        (stack.create_user_url, "POST /users"): 404,
        (stack.relay_outbox_url, "POST /"): 200,
        (stack.send_email_url, f"POST /{TOPIC}", JSON): 400,
    }

    assert {request: status_of_chunks(*request, chunks=chunks) for request in expected} == expected


def status_of_chunks(url: str, target: str, *headers: str, chunks: str) -> int:
    with opened(url, target, *headers, CHUNKED) as connection:
        connection.sendall(chunks.encode())
        connection.shutdown(socket.SHUT_WR)
        return status(connection)
