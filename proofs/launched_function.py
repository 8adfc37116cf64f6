"""Runs a function beside the stack, under a launcher of this folder where a test asks for one; can be paused."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from testkit.running_function import RunningFunction

_HERE = Path(__file__).parent


def launcher(program: str, *options: str) -> Sequence[str]:
    """A program of this folder, which takes the options of functions-framework and its own."""
    return str(_HERE / program), *options


class LaunchedFunction(RunningFunction):
    def pause(self) -> None:
        """Stop all its processes where they are, as a platform does that takes the CPU away."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self._process.pid, signal.SIGCONT)


class Launch(Protocol):
    """Starts a function in the test's own project."""

    def __call__(self, name: str, *, launched_by: Sequence[str] = ..., **settings: str) -> LaunchedFunction: ...
