"""An output that never blocks the stack, where a terminal is stopped (Ctrl-S) or a pipe's reader rests (`| less`)."""

import io
import os
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Thread
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CAPACITY_BYTES = 1 << 20
_LAST_WORDS_SECONDS = 1.0


@contextmanager
def unblocked(
    output: TextIO, *, missed: Callable[[int], str], last_words_seconds: float = _LAST_WORDS_SECONDS
) -> Iterator[TextIO]:
    """
    Open a way to `output` that takes whatever is written at once, and passes it on as it is read.

    A mebibyte waits at most. What comes beyond is dropped, and `missed` words how many lines that were. Whoever reads
    no longer gets nothing more. At the end, what waits has a second to be read.
    """
    pending = _Pending(output.fileno(), missed)
    # A thread, since a terminal's own flags are shared with the shell; a daemon, since its last write may never end.
    writer = Thread(target=pending.pass_on, daemon=True)
    writer.start()
    try:
        yield io.TextIOWrapper(pending, encoding=output.encoding, errors="replace", write_through=True)
    finally:
        pending.end()
        writer.join(last_words_seconds)


class _Pending(io.BufferedIOBase):
    name = "unblocked"

    def __init__(self, descriptor: int, missed: Callable[[int], str]) -> None:
        self._descriptor = descriptor
        self._missed = missed
        self._waiting = bytearray()
        self._lines_missed = 0
        self._is_over = False
        self._news = Condition()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: "ReadableBuffer") -> int:
        text = bytes(data)
        with self._news:
            if self._lines_missed or len(self._waiting) + len(text) > CAPACITY_BYTES:
                self._lines_missed += text.count(b"\n")
            else:
                self._waiting += text
            self._news.notify()
        return len(text)

    def end(self) -> None:
        with self._news:
            self._is_over = True
            self._news.notify()

    def pass_on(self) -> None:
        while text := self._next():
            try:
                self._write_all(text)
            except OSError:  # whoever read it has gone; the stack goes on
                self._descriptor = os.open(os.devnull, os.O_WRONLY)

    def _next(self) -> bytes:
        """What waits, then what to say of the lines missed; nothing once it is over."""
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._lines_missed or self._is_over)
            text = bytes(self._waiting)
            self._waiting.clear()
            if self._lines_missed:
                text += self._missed(self._lines_missed).encode()
                self._lines_missed = 0
            return text

    def _write_all(self, text: bytes) -> None:
        while text:
            try:
                text = text[os.write(self._descriptor, text) :]
            except BlockingIOError:  # another program has left the terminal so
                select.select([], [self._descriptor], [])
