"""The process group that every child of the stack is started in, led by guard.py."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from emulator.processes.errors import StackError

_GUARD = Path(__file__).with_name("guard.py")


class ProcessGroup:
    """A process group that ends with this process. `id` is what children are started with: `process_group=group.id`."""

    def __init__(self, guard: Process) -> None:
        self._guard = guard
        self.id = guard.pid

    async def watch(self) -> None:
        """
        Wait, for as long as the guard lives.

        Raises:
            StackError: The guard is gone, and nothing would stop the children if the stack were killed now.
        """
        await self._guard.wait()
        raise StackError(
            f"The stack's guard process {self.id} was stopped from outside, so the stack is stopping: start it again."
        )

    def kill(self) -> None:
        """End everything in the group at once, the guard included."""
        with suppress(ProcessLookupError, PermissionError):  # macOS refuses where only zombies are left
            os.killpg(self.id, signal.SIGKILL)


@asynccontextmanager
async def process_group() -> AsyncIterator[ProcessGroup]:
    """Open a process group; whatever is left in it at the end is killed."""
    guard = await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-E", _GUARD, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, process_group=0
    )
    group = ProcessGroup(guard)
    try:
        if guard.stdout:
            await guard.stdout.read(1)  # from now on it ignores signals
        yield group
    finally:
        group.kill()
        await guard.communicate()  # also closes the pipes
