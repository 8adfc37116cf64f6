"""HTTP/1.1 between a client and an emulator: what is not one clear request of this machine's programs is refused."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import h11

from emulator.processes.ports import HOST
from emulator.same_machine import refusal

CHUNK_BYTES = 64 * 1024
# What is between two neighbours. An upgrade that was passed on would take the connection out of these checks.
_HOP_BY_HOP = b"connection expect http2-settings keep-alive proxy-connection te trailer upgrade".split()
_UNCLEAR = "Send one complete and unambiguous HTTP request at a time."
_ABSENT = "The emulator behind this address did not respond: it may still be starting or may have stopped."


class CheckedRequests:
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
        try:
            while request := await self._next_request():
                await self._forward(request)
                if (self._client.our_state, self._client.their_state) != (h11.DONE, h11.DONE):
                    break
                self._client.start_next_cycle()
        except (OSError, h11.RemoteProtocolError) as error:
            self._explain(error)
        self._writer.write_eof()
        async with asyncio.timeout(1):
            while await self._reader.read(CHUNK_BYTES):  # read what still arrives, so that the response is not lost
                pass

    async def _next_request(self) -> h11.Request | None:
        """The next request if it is one to forward; any other is refused."""
        async with asyncio.timeout(self._head_seconds):
            event = await _next_event(self._client, self._reader)
        if not isinstance(event, h11.Request):
            return None
        hosts, origins, sites = (_values(event, name) for name in (b"host", b"origin", b"sec-fetch-site"))
        if reason := refusal(hosts, origins, sites):
            self._refuse(HTTPStatus.FORBIDDEN, reason)
        elif not event.target.startswith(b"/") or event.method == b"CONNECT":
            self._refuse(HTTPStatus.BAD_REQUEST, "Request a path, such as /v1/projects: this is not a proxy.")
        else:
            return event
        return None

    async def _forward(self, request: h11.Request) -> None:
        """On a connection of its own, so that what follows this request cannot be taken for another."""
        async with connected(self._to) as (replies, writer):
            emulator = h11.Connection(h11.CLIENT)
            headers = [*_end_to_end(request), (b"Connection", b"close")]
            head = h11.Request(method=request.method, target=request.target, headers=headers)
            writer.write(emulator.send(head) or b"")
            body = asyncio.create_task(self._forward_body(emulator, writer))
            try:
                await self._forward_reply(emulator, replies)
            finally:
                body.cancel()
                await asyncio.gather(body, return_exceptions=True)

    async def _forward_body(self, emulator: h11.Connection, writer: StreamWriter) -> None:
        """As far as it comes and is taken: an answer may come before the body's end."""
        if self._client.they_are_waiting_for_100_continue:
            self._writer.write(self._client.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        try:
            while isinstance(event := await _next_event(self._client, self._reader), h11.Data):
                writer.write(emulator.send(event) or b"")
                await writer.drain()
            writer.write(emulator.send(h11.EndOfMessage()) or b"")
        except h11.RemoteProtocolError:
            writer.transport.abort()  # half a request gets no response

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

    def _explain(self, error: OSError | h11.RemoteProtocolError) -> None:
        """Say whose fault it is where no part of an answer has been sent; where one has, its end is missing."""
        unanswered = self._client.our_state in {h11.IDLE, h11.SEND_RESPONSE}
        if unanswered and self._client.their_state is h11.ERROR:
            self._refuse(getattr(error, "error_status_hint", HTTPStatus.BAD_REQUEST), _UNCLEAR)
        elif self._client.our_state is h11.SEND_RESPONSE:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, _ABSENT)

    def _refuse(self, status: int, sentence: str) -> None:
        """Written by hand, as it is possible in any state of the request."""
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        self._writer.write(f"{head}Content-Length: {len(sentence)}\r\nConnection: close\r\n\r\n{sentence}".encode())


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
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
        connection.receive_data(await reader.read(CHUNK_BYTES))
    return event
