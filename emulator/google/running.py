"""Runs Google's emulators under the stack: one that dies has lost its data, so the stack ends with it."""

import asyncio
from collections import deque
from collections.abc import Mapping
from functools import partial

from emulator.google.catalogue import Emulator, read_catalogue
from emulator.google.find import find_emulator, find_sdk_root
from emulator.google.java import bundled_java, find_java
from emulator.google.launch import PUBSUB_STARTED, firestore_command, is_serving, pubsub_command
from emulator.processes.errors import StackError
from emulator.processes.ports import HOST
from emulator.processes.process_group import ProcessGroup
from emulator.processes.readiness import keep_asking
from emulator.processes.status import Part, State
from emulator.processes.supervisor import ChildDiedError, Program, Supervisor
from emulator.terminal.terminal import Terminal

_START_SECONDS = 40
_EXISTING_SECONDS = 10


async def run_emulator(
    emulator: Emulator, part: Part, *, port: int, group: ProcessGroup, terminal: Terminal, environ: Mapping[str, str]
) -> None:
    """
    Run `emulator` on `port` until cancelled.

    Raises:
        StackError: It is not to be had, does not start, or has stopped. What it printed last has been shown.
    """
    recent: deque[str] = deque(maxlen=20)
    supervisor = Supervisor(
        part,
        await _program(emulator, port=port, terminal=terminal, environ=environ),
        group_id=group.id,
        on_line=recent.append,
        say=terminal.say,
        stop_seconds=1,  # it has nothing to save
    )
    problem = None
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(supervisor.run())
            async with asyncio.timeout(_START_SECONDS):
                await part.ready.wait()
    except* TimeoutError:
        problem = f"The {part.name} did not start within {_START_SECONDS} s: its last lines are above."
    except* ChildDiedError as died:
        problem = f"{died.exceptions[0]}: its data is gone, so the stack is stopping; its last lines are above."
    if problem:
        for line in recent:
            terminal.line(emulator, line)
        raise StackError(problem)


async def expect_running(part: Part, variable: str) -> None:
    """
    Wait until the emulator answers that the environment's `variable` names, and see whether it does, until cancelled.

    Raises:
        StackError: Nothing answers there.
    """
    try:
        async with asyncio.timeout(_EXISTING_SECONDS):
            while not await is_serving(part.address):  # noqa: ASYNC110  another process cannot set an event
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise StackError(
            f"{variable} is set to {part.address}, where no emulator is responding: "
            "start it there, or unset the variable to let the stack start its own."
        ) from error
    part.enter(State.READY)
    await keep_asking(part, partial(is_serving, part.address))


async def _program(emulator: Emulator, *, port: int, terminal: Terminal, environ: Mapping[str, str]) -> Program:
    found = await find_emulator(
        emulator, read_catalogue()[emulator], sdk_root=find_sdk_root(environ), console=terminal.console
    )
    java = await asyncio.to_thread(find_java, found.minimum_java, environ, bundled=bundled_java())
    command, started_line = {
        Emulator.PUBSUB: (pubsub_command, PUBSUB_STARTED),
        Emulator.FIRESTORE: (firestore_command, ""),
    }[emulator]
    # In the locale "C" Java reads no path beyond ASCII, not even that of the folder it is started in.
    environment = {**environ, "LC_ALL": "C.UTF-8"}
    return Program(command(java, found.jar, port), environment, partial(is_serving, f"{HOST}:{port}"), started_line)
