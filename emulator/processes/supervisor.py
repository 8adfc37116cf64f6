"""Keeps one child process running: starts it, passes its lines on, sees when it is ready, starts it again, stops it."""

import asyncio
import os
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from emulator.processes.errors import StackError
from emulator.processes.lines import line_pipe
from emulator.processes.readiness import keep_asking
from emulator.processes.status import Part, State

_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Program:
    """What to run. `is_serving` is asked after the program has printed `started_line`, and then again and again."""

    command: Sequence[str]
    environment: Mapping[str, str]
    is_serving: Callable[[], Awaitable[bool]]
    started_line: str = ""


@dataclass(frozen=True)
class Backoff:
    """How long to wait before a child that died is started again: doubling, and from the start after good health."""

    first_seconds: float = 0.5
    most_seconds: float = 10
    healthy_after_seconds: float = 30


class ChildDiedError(StackError):
    """A child that must not be started again has died."""


class Supervisor:
    """
    Keeps `program` running as `part`, in the process group `group_id`.

    Every line it prints goes to `on_line`; `say` takes what the supervisor itself has to tell. Without a `backoff` the
    child's death is an error.
    """

    def __init__(
        self,
        part: Part,
        program: Program,
        *,
        group_id: int,
        on_line: Callable[[str], None],
        say: Callable[[str], None],
        backoff: Backoff | None = None,
        stop_seconds: float = 2,
    ) -> None:
        self._part = part
        self._program = program
        self._group_id = group_id
        self._on_line = on_line
        self._say = say
        self._backoff = backoff
        self._stop_seconds = stop_seconds
        self._asked_to_restart = asyncio.Event()
        self._wanted = asyncio.Event()
        self._wanted.set()

    def restart(self) -> None:
        """Restart the child now, even one that is waiting for its next try."""
        self._asked_to_restart.set()

    def hold(self) -> None:
        """Stop the child and do not start it again until `release`."""
        self._wanted.clear()
        self._asked_to_restart.set()

    def release(self) -> None:
        self._wanted.set()

    async def run(self) -> None:
        """
        Keep the child running until cancelled; then stop it.

        Raises:
            ChildDiedError: It died, and there is no back-off.
        """
        delay = self._backoff.first_seconds if self._backoff else 0
        try:
            while True:
                if not self._wanted.is_set():
                    self._part.enter(State.STOPPED)
                    await self._wanted.wait()
                self._asked_to_restart.clear()
                started = time.monotonic()
                code = await self._run_once()
                self._part.enter(State.RESTARTING)
                if self._asked_to_restart.is_set():
                    continue
                if not self._backoff:
                    raise ChildDiedError(f"{self._part.name} stopped with exit code {code}")
                if time.monotonic() - started >= self._backoff.healthy_after_seconds:
                    delay = self._backoff.first_seconds
                self._say(f"{self._part.name} stopped with exit code {code}; restarting in {delay:g} s")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._asked_to_restart.wait(), delay)
                delay = min(delay * 2, self._backoff.most_seconds)
        finally:
            self._part.enter(State.STOPPED)

    async def _run_once(self) -> int | None:
        """Run the child until it dies or is to be restarted."""
        started = asyncio.Event()

        def on_line(line: str) -> None:
            if self._program.started_line in line:
                started.set()
            self._on_line(line)

        async with line_pipe(on_line) as output:
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._program.command,
                    env=self._program.environment,
                    stdin=DEVNULL,
                    stdout=output,
                    stderr=STDOUT,
                    process_group=self._group_id,
                )
            finally:
                os.close(output)
            self._part.pid = process.pid
            readiness = asyncio.create_task(self._see_readiness(started))
            ends = [asyncio.create_task(process.wait()), asyncio.create_task(self._asked_to_restart.wait())]
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _cancel(readiness, *ends)
                await self._stop(process)
        return process.returncode

    async def _see_readiness(self, started: asyncio.Event) -> None:
        if self._program.started_line:
            await started.wait()
        while not await self._program.is_serving():  # noqa: ASYNC110  another process cannot set an event
            await asyncio.sleep(_POLL_SECONDS)
        self._part.enter(State.READY)
        await keep_asking(self._part, self._program.is_serving)

    async def _stop(self, process: Process) -> None:
        if process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), self._stop_seconds)
        except TimeoutError:
            with suppress(ProcessLookupError):  # it ended just now
                process.kill()
            await process.wait()


async def _cancel(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
