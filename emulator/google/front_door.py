"""Stands in front of one of Google's emulators, which answer any web page, and refuses other sites' requests."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import h11

from emulator.ports import HOST
from emulator.same_machine import refusal

# What gRPC starts a connection with. No page can: a browser asks for HTTP/2 inside TLS only.
_HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_CHUNK_BYTES = 64 * 1024
# What is between two neighbours. An upgrade that was passed on would take the connection out of these checks.
_HOP_BY_HOP = [
    *(b"connection", b"expect", b"http2-settings", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade")
]


@asynccontextmanager
async def front_door(port: int, *, to: int, head_seconds: float = 10) -> AsyncIterator[None]:
    """
    Answer at `port` for the emulator at the port `to` while the context is open; then cut what is still connected.

    A request's head that is not complete after `head_seconds` ends its connection, and so does a pause between two.

    Raises:
        OSError: The port cannot be listened on.
    """
    visits: set[asyncio.Task[None]] = set()

    def receive(reader: StreamReader, writer: StreamWriter) -> None:
        visit = asyncio.create_task(_visit(reader, writer, to=to, head_seconds=head_seconds))
        visits.add(visit)
        visit.add_done_callback(visits.discard)

    server = await asyncio.start_server(receive, HOST, port)
    try:
        yield
    finally:
        server.close()
        for visit in visits:
            visit.cancel()
        await asyncio.gather(*visits, return_exceptions=True)


async def _visit(reader: StreamReader, writer: StreamWriter, *, to: int, head_seconds: float) -> None:
    start = b""
    try:
        async with asyncio.timeout(head_seconds):
            while _HTTP2.startswith(start) and start != _HTTP2:
                if not (more := await reader.read(len(_HTTP2) - len(start))):
                    return
                start += more
        if start == _HTTP2:
            await _pass_bytes(reader, writer, start, to=to)
        else:
            await _Http1(reader, writer, start, to=to, head_seconds=head_seconds).answer()
    except* (OSError, TimeoutError, h11.ProtocolError):  # either side has gone or is too slow: so is the connection
        pass
    finally:
        writer.close()


async def _pass_bytes(reader: StreamReader, writer: StreamWriter, start: bytes, *, to: int) -> None:
    async with _connected(to) as (replies, emulator), asyncio.TaskGroup() as ways:
        emulator.write(start)
        ways.create_task(_pump(reader, emulator))
        ways.create_task(_pump(replies, writer))


async def _pump(source: StreamReader, sink: StreamWriter) -> None:
    while chunk := await source.read(_CHUNK_BYTES):
        sink.write(chunk)
        await sink.drain()
    sink.write_eof()


class _Http1:
    """One client's requests. Each is read, checked and written again: the emulator sees what was checked, no more."""

    def __init__(
        self, reader: StreamReader, writer: StreamWriter, start: bytes, *, to: int, head_seconds: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._to = to
        self._head_seconds = head_seconds
        self._client = h11.Connection(h11.SERVER)
        self._client.receive_data(start)

    async def answer(self) -> None:
        """Answer until the client or the protocol ends the connection, or a request is refused."""
        while request := await self._next_request():
            await self._forward(request)
            if (self._client.our_state, self._client.their_state) != (h11.DONE, h11.DONE):
                return
            self._client.start_next_cycle()

    async def _next_request(self) -> h11.Request | None:
        """The next request if it is one to forward; any other is refused."""
        try:
            async with asyncio.timeout(self._head_seconds):
                event = await _next_event(self._client, self._reader)
        except h11.RemoteProtocolError as error:
            await self._refuse(error.error_status_hint, "Send one complete and unambiguous HTTP request at a time.")
            return None
        if not isinstance(event, h11.Request):
            return None
        hosts, origins, sites = (_values(event, name) for name in (b"host", b"origin", b"sec-fetch-site"))
        if reason := refusal(hosts, origins, sites):
            await self._refuse(HTTPStatus.FORBIDDEN, reason)
        elif not event.target.startswith(b"/") or event.method == b"CONNECT":
            await self._refuse(HTTPStatus.BAD_REQUEST, "Ask for a path, such as /v1/projects: this is no proxy.")
        else:
            return event
        return None

    async def _forward(self, request: h11.Request) -> None:
        """On a connection of its own, so that what follows this request cannot be taken for another."""
        async with _connected(self._to) as (replies, writer), asyncio.TaskGroup() as ways:
            emulator = h11.Connection(h11.CLIENT)
            headers = [*_end_to_end(request), (b"Connection", b"close")]
            head = h11.Request(method=request.method, target=request.target, headers=headers)
            writer.write(emulator.send(head) or b"")
            body = ways.create_task(self._forward_body(emulator, writer))
            await self._forward_reply(emulator, replies)
            body.cancel()

    async def _forward_body(self, emulator: h11.Connection, writer: StreamWriter) -> None:
        if self._client.they_are_waiting_for_100_continue:
            self._writer.write(self._client.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        while isinstance(event := await _next_event(self._client, self._reader), h11.Data):
            writer.write(emulator.send(event) or b"")
            await writer.drain()
        writer.write(emulator.send(h11.EndOfMessage()) or b"")

    async def _forward_reply(self, emulator: h11.Connection, replies: StreamReader) -> None:
        while not isinstance(event := await _next_event(emulator, replies), h11.EndOfMessage):
            match event:
                case h11.Response():
                    headers = _end_to_end(event)
                    head = h11.Response(status_code=event.status_code, reason=event.reason, headers=headers)
                    self._writer.write(self._client.send(head) or b"")
                case h11.Data():
                    self._writer.write(self._client.send(event) or b"")
            await self._writer.drain()
        self._writer.write(self._client.send(h11.EndOfMessage()) or b"")

    async def _refuse(self, status: int, sentence: str) -> None:
        """Written by hand, as it is possible in any state; what is still coming is taken, lest the answer gets lost."""
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        self._writer.write(f"{head}Content-Length: {len(sentence)}\r\nConnection: close\r\n\r\n{sentence}".encode())
        self._writer.write_eof()
        async with asyncio.timeout(1):
            while await self._reader.read(_CHUNK_BYTES):
                pass


@asynccontextmanager
async def _connected(port: int) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def _end_to_end(head: h11.Request | h11.Response) -> list[tuple[bytes, bytes]]:
    """What goes to the other side. The length goes where there are chunks: two ways to see the end are one too many."""
    dropped = {*_HOP_BY_HOP, *([b"content-length"] if b"transfer-encoding" in dict(head.headers) else [])}
    return [(name, value) for name, value in head.headers.raw_items() if name.lower() not in dropped]


def _values(request: h11.Request, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in request.headers if key == name]


async def _next_event(connection: h11.Connection, reader: StreamReader) -> object:
    while (event := connection.next_event()) is h11.NEED_DATA:
        connection.receive_data(await reader.read(_CHUNK_BYTES))
    return event
