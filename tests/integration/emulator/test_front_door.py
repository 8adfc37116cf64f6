"""The proxy in front of an emulator; here the emulator is one that writes down what reaches it."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field

import h11
import httpx
import pytest

from emulator.google.front_door import front_door
from testkit.free_ports import free_port

HOST = b"Host: 127.0.0.1:8086\r\n"
GOOD = b"GET /first HTTP/1.1\r\n" + HOST + b"\r\n"
EVIL = b"POST /second HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n"
CHUNK = b"5\r\nhello\r\n"


@dataclass
class Emulator:
    """Answers each request with its body, and each connection that is not HTTP/1 with its bytes."""

    requests: list[h11.Request] = field(default_factory=list)
    answer_more: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        with closing(writer):
            received = await reader.read(65536)
            if received.startswith(b"PRI"):
                while received:
                    writer.write(received)
                    received = await reader.read(65536)
                return
            connection = h11.Connection(h11.SERVER)
            connection.receive_data(received)
            body = b""
            while not isinstance(event := connection.next_event(), h11.EndOfMessage):
                if isinstance(event, h11.Request):
                    self.requests.append(event)
                    if event.target == b"/hasty":
                        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
                        await reader.read()
                        return
                elif isinstance(event, h11.Data):
                    body += event.data
                else:
                    connection.receive_data(await reader.read(65536))
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            writer.write(b"%x\r\n%b\r\n" % (len(body), body) if body else b"3\r\nOk\n\r\n")
            if self.requests[-1].target == b"/slowly":
                await self.answer_more.wait()
            writer.write(b"0\r\n\r\n")

    @property
    def targets(self) -> list[bytes]:
        return [request.target for request in self.requests]


Visit = Callable[[Emulator, StreamReader, StreamWriter], Awaitable[None]]


def visit(use: Visit, *, head_seconds: float = 10) -> Emulator:
    """The emulator after `use` was connected to its front door, which then was closed: that ends the connection."""

    async def run() -> Emulator:
        emulator, port = Emulator(), free_port()
        async with await asyncio.start_server(emulator.serve, "127.0.0.1", 0) as behind, asyncio.timeout(5):
            async with front_door(port, to=behind.sockets[0].getsockname()[1], head_seconds=head_seconds):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                await use(emulator, reader, writer)
            with suppress(ConnectionResetError), closing(writer):
                await reader.read()
            emulator.answer_more.set()
        return emulator

    return asyncio.run(run())


def say(text: bytes) -> tuple[bytes, Emulator]:
    """Everything that is answered to `text`, and the emulator."""
    answers = []

    async def use(_: Emulator, reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        writer.write_eof()
        answers.append(await reader.read())

    emulator = visit(use)
    return answers[0], emulator


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (b"403", b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        (b"403", b"GET / HTTP/1.1\r\n" + HOST + b"Origin: https://evil.example\r\n\r\n"),
        (b"403", b"GET / HTTP/1.0\r\n\r\n"),
        (b"403", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n evil.example\r\n\r\n"),
        (b"403", b"GET / HTTP/1.1\nHost: 127.0.0.1\nOrigin: https://evil.example\n\n"),
        (b"400", b"GET / HTTP/1.1\r\n\r\n"),
        (b"400", b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n"),
        (b"400", b"GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n"),
        (b"400", b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n"),
        (b"400", b"CONNECT 127.0.0.1:8086 HTTP/1.1\r\n" + HOST + b"\r\n"),
        (b"400", b"CONNECT / HTTP/1.1\r\n" + HOST + b"\r\n"),
        (b"403", b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"),
        (b"400", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        (b"501", b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: identity\r\n\r\n"),
        (b"431", b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"a" * 100_000),
    ],
)
def test_request_of_another_site_or_unclear_whose_is_refused(status: bytes, text: bytes) -> None:
    answer, emulator = say(text)

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"Connection: close" in answer
    assert emulator.requests == []


def test_refusal_reaches_one_who_is_still_sending() -> None:
    head = b"POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 5000000\r\n\r\n"

    answer, emulator = say(head + bytes(5_000_000))

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert emulator.requests == []


def test_every_request_of_a_connection_is_checked() -> None:
    answer, emulator = say(GOOD + GOOD + EVIL + GOOD)

    assert [line[9:12] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1")] == [b"200", b"200", b"403"]
    assert emulator.targets == [b"/first", b"/first"]


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", CHUNK + b"0\r\n\r\n"),
        (b"Content-Length: %d\r\n" % len(EVIL), EVIL),
        (
            b"Content-Length: 5\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n",
            b"hello",
        ),
    ],
)
def test_request_in_a_body_or_after_an_upgrade_is_not_a_request(framing: bytes, body: bytes) -> None:
    answer, emulator = say(b"POST /first HTTP/1.1\r\n" + HOST + framing + b"\r\n" + body + EVIL)

    assert b" 101 " not in answer
    assert answer.count(b"HTTP/1.1 403") == 1
    [request] = emulator.requests
    names = {name for name, _ in request.headers}
    assert len(names & {b"content-length", b"transfer-encoding"}) == 1
    assert not names & {b"upgrade", b"http2-settings"}
    assert [value for name, value in request.headers if name == b"connection"] == [b"close"]


@pytest.mark.parametrize(
    "body", [b"-1\r\n" + EVIL, b"0x5\r\nhello\r\n", b"5;a\n\r\nhello\r\n", CHUNK + b"z\r\n", CHUNK, b"5\r\nhel"]
)
def test_malformed_or_incomplete_body_is_refused_and_ends_the_connection(body: bytes) -> None:
    answer, _ = say(b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + body)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in answer


def test_answer_that_comes_before_the_end_of_the_body_arrives() -> None:
    answer, _ = say(b"POST /hasty HTTP/1.1\r\n" + HOST + b"Content-Length: 50000000\r\n\r\n" + bytes(50_000_000))

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_emulator_that_is_not_there_is_reported() -> None:
    async def run() -> httpx.Response:
        port = free_port()
        async with front_door(port, to=free_port()), httpx.AsyncClient(trust_env=False) as client:
            return await client.post(f"http://127.0.0.1:{port}/", content=bytes(5_000_000))

    answer = asyncio.run(run())

    assert (answer.status_code, answer.text.startswith("The emulator behind this address")) == (503, True)


def test_body_that_waits_to_be_asked_for_is_asked_for() -> None:
    answer, _ = say(b"POST / HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")

    assert answer.startswith(b"HTTP/1.1 100 ")
    assert CHUNK in answer


def test_answer_to_http_1_0_has_no_chunks_and_ends_with_the_connection() -> None:
    answer, _ = say(b"GET / HTTP/1.0\r\n" + HOST + b"\r\n")

    assert answer.partition(b"\r\n\r\n")[2] == b"Ok\n"


def test_answer_comes_as_it_is_made() -> None:
    async def use(emulator: Emulator, reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"GET /slowly HTTP/1.1\r\n" + HOST + b"\r\n")
        await reader.readuntil(b"Ok\n")  # while the emulator has not finished
        emulator.answer_more.set()
        await reader.readuntil(b"0\r\n\r\n")

    visit(use)


def test_http_2_passes_as_it_is() -> None:
    text = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(range(256)) * 1000

    answer, emulator = say(text)

    assert (answer, emulator.requests) == (text, [])


@pytest.mark.parametrize("start", [b"", b"PRI * HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", GOOD])
def test_head_that_does_not_come_ends_the_connection(start: bytes) -> None:
    async def use(_: Emulator, reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(start)
        await reader.read()

    visit(use, head_seconds=0.05)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (b"GET /slowly HTTP/1.1\r\n" + HOST + b"\r\n", b"Ok\n"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"SM\r\n\r\n"),
    ],
)
def test_closing_the_door_ends_what_is_under_way(text: bytes, answer: bytes) -> None:
    async def use(_: Emulator, reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(text)
        await reader.readuntil(answer)

    visit(use)
