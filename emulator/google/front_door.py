"""Guards one of Google's emulators, which answer any web page, by refusing other sites' requests."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import h11

from emulator.google.checked_requests import CHUNK_BYTES, CheckedRequests, connected
from emulator.processes.ports import HOST

# What gRPC starts a connection with. No page can: a browser asks for HTTP/2 inside TLS only.
_HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


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
            await CheckedRequests(reader, writer, start, to=to, head_seconds=head_seconds).answer()
    except* (OSError, TimeoutError, h11.ProtocolError):  # either side has gone or is too slow: end the connection
        pass
    finally:
        writer.close()


async def _pass_bytes(reader: StreamReader, writer: StreamWriter, start: bytes, *, to: int) -> None:
    async with connected(to) as (replies, emulator), asyncio.TaskGroup() as ways:
        emulator.write(start)
        ways.create_task(_pump(reader, emulator))
        ways.create_task(_pump(replies, writer))


async def _pump(source: StreamReader, sink: StreamWriter) -> None:
    while chunk := await source.read(CHUNK_BYTES):
        sink.write(chunk)
        await sink.drain()
    sink.write_eof()
