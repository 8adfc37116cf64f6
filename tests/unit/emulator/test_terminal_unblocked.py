import os
import pty
import termios
from threading import Thread
from time import monotonic

import pytest

from emulator.terminal.unblocked import CAPACITY_BYTES, unblocked

LINE = "x" * 99 + "\n"


def missed(lines: int) -> str:
    return f"{lines} missed\n"


def test_what_is_written_is_read_in_order_with_the_number_of_lines_that_nobody_read() -> None:
    reading, writing = os.pipe()
    read: list[bytes] = []

    with os.fdopen(writing, "w") as output, unblocked(output, missed=missed) as unblocking:
        for _ in range(3 * CAPACITY_BYTES // len(LINE)):
            unblocking.write(LINE)
        reader = Thread(target=lambda: read.extend(iter(lambda: os.read(reading, 1 << 16), b"")))
        reader.start()
    reader.join()
    os.close(reading)

    *lines, last = b"".join(read).decode().splitlines()
    assert set(lines) == {LINE.rstrip()}
    assert last == f"{3 * CAPACITY_BYTES // len(LINE) - len(lines)} missed"
    assert len(lines) >= CAPACITY_BYTES // len(LINE)


def test_lines_are_shown_again_once_somebody_reads() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as output, unblocked(output, missed=missed) as unblocking:
        for _ in range(3 * CAPACITY_BYTES // len(LINE)):
            unblocking.write(LINE)
        read = b""
        while b"missed" not in read:
            read += os.read(reading, 1 << 16)

        unblocking.write("good news\n")

        assert os.read(reading, 1 << 16) == b"good news\n"
    os.close(reading)


def test_stopped_terminal_holds_nobody_up_and_shows_what_waited_when_it_goes_on() -> None:
    master, terminal = pty.openpty()
    termios.tcflow(terminal, termios.TCOOFF)
    started = monotonic()

    with os.fdopen(terminal, "w", closefd=False) as output:
        with unblocked(output, missed=missed, last_words_seconds=0.01) as unblocking:
            assert unblocking.isatty()
            for _ in range(1000):
                unblocking.write(LINE)
        assert monotonic() - started < 1
        termios.tcflow(terminal, termios.TCOON)

    assert os.read(master, 100).startswith(b"xxxx")
    os.close(master)
    os.close(terminal)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_characters_that_the_output_does_not_know_are_replaced(encoding: str) -> None:
    reading, writing = os.pipe()

    with os.fdopen(writing, "w", encoding=encoding) as output, unblocked(output, missed=missed) as unblocking:
        unblocking.write("a ⠋ b")

    assert os.read(reading, 100) == b"a ? b"
    os.close(reading)


def test_reader_who_has_left_disturbs_nobody() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "w") as output, unblocked(output, missed=missed) as unblocking:
        for _ in range(3):
            unblocking.write(LINE)
