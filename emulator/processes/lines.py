"""What a child process prints, line by line."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

LONGEST_LINE_BYTES = 64 * 1024
_LAST_WORDS_SECONDS = 0.5


@asynccontextmanager
async def line_pipe(on_line: Callable[[str], None]) -> AsyncIterator[int]:
    """
    Open a pipe and yield the descriptor to give to a child, which must be closed once the child has it.

    Each line goes to `on_line`; one that is longer than 64 KiB comes in pieces. At the end the pipe is read until all
    writers are gone, but no longer than half a second: a grandchild may hold it open.
    """
    reading, writing = os.pipe()
    transport, lines = await asyncio.get_running_loop().connect_read_pipe(
        lambda: _Lines(on_line), os.fdopen(reading, "rb")
    )
    try:
        yield writing
    finally:
        await asyncio.wait([lines.ended], timeout=_LAST_WORDS_SECONDS)
        transport.close()


class _Lines(asyncio.Protocol):
    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._pending = b""
        self.ended = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        *complete, self._pending = (self._pending + data).split(b"\n")
        if len(self._pending) >= LONGEST_LINE_BYTES:
            complete.append(self._pending)
            self._pending = b""
        for line in complete:
            self._on_line(line.decode(errors="replace").rstrip("\r"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._pending:
            self.data_received(b"\n")
        if not self.ended.done():
            self.ended.set_result(exc)
