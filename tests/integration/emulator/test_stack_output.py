"""The stack whose output nobody reads: Ctrl-S on a terminal, `make run | less`, `make run | head`."""

import os
import pty
import termios
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from testkit.plain_http import http
from testkit.polling import eventually
from tests.integration.emulator.plain_stack import FUNCTIONS, PlainStack
from tests.integration.emulator.processes import alive

LOUD = """
import functions_framework
@functions_framework.http
def create_user(request):
    print(("x" * 99 + chr(10)) * 2_000, flush=True)
    return {}
"""


@contextmanager
def unread_pipe() -> Iterator[int]:
    reading, writing = os.pipe()
    yield writing
    os.close(reading)
    os.close(writing)


@contextmanager
def left_pipe() -> Iterator[int]:
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@contextmanager
def stopped_terminal() -> Iterator[int]:
    master, terminal = pty.openpty()
    termios.tcflow(terminal, termios.TCOOFF)  # what Ctrl-S does
    yield terminal
    os.close(terminal)
    os.close(master)


@pytest.mark.parametrize(
    "unread",
    [stopped_terminal, *(pytest.param(each, marks=pytest.mark.exhaustive) for each in (unread_pipe, left_pipe))],
)
def test_stack_whose_output_nobody_reads_serves_on_and_stops_at_sigterm(
    tmp_path: Path, emulators: Mapping[str, str], unread: Callable[[], AbstractContextManager[int]]
) -> None:
    code = {**FUNCTIONS, "create_user": LOUD}
    with unread() as output, ExitStack() as ending:
        stack = PlainStack(tmp_path, emulators, code=code, output=output)
        ending.callback(stack.kill)
        stack.wait_until_ready()
        pids = stack.pids()

        assert http.post(stack.create_user_url, timeout=10).is_success
        assert eventually(stack.is_ready)
        stack.process.terminate()

        assert stack.process.wait(30) == 0
        assert alive(pids) == []
