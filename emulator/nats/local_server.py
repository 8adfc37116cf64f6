"""The NATS server of the stack: run here with its files in a folder of its own, or found where NATS_URL says."""

import asyncio
import re
import shutil
from asyncio import TaskGroup
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from blueprint.topology import PROJECT_ROOT
from emulator.nats.launch import find_nats_server, nats_command
from emulator.processes.errors import StackError
from emulator.processes.ports import HOST, Ports
from emulator.processes.process_group import ProcessGroup
from emulator.processes.readiness import ANSWER_SECONDS, keep_asking
from emulator.processes.status import Part, State
from emulator.processes.supervisor import Backoff, Program, Supervisor
from emulator.terminal.terminal import Terminal

_START_SECONDS = 10
_DEFAULT_PORT = 4222
_PORT = re.compile(r":[0-9]+$")
_BACKOFF = Backoff(first_seconds=0.1)  # its files are still there: events wait in them, and in the outbox


class LocalNatsServer:
    """
    Where `environ` names none, one on `ports`. What it stores is discarded with the stack.

    `part.address` shows no user and no password of NATS_URL.
    """

    def __init__(self, ports: Ports, environ: Mapping[str, str]) -> None:
        given = environ.get("NATS_URL", "").strip()
        self.url = given or f"nats://{HOST}:{ports.broker}"
        self.part = Part("NATS server", _address_of(self.url))
        self.wanted_ports = {} if given else {self.part.name: ports.broker}
        self._is_given = bool(given)
        self._ports = ports
        self._environ = environ

    async def start(self, tasks: TaskGroup, group: ProcessGroup, terminal: Terminal) -> None:
        """
        Have `tasks` run it until they are cancelled, and return once it is ready.

        Raises:
            StackError: It is not to be had, or does not start.
        """
        if self._is_given:
            terminal.say(f"Using the NATS server at {self.part.address}, because NATS_URL is set")
            tasks.create_task(self._see_readiness())
        else:
            server = find_nats_server(self._environ.get("PATH"))
            tasks.create_task(self._run(server, group, terminal))
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self.part.ready.wait()
        except TimeoutError as error:
            raise StackError(
                f"NATS_URL is set to {self.part.address}, where no NATS server is responding: start it there, or unset "
                "the variable to let the stack start its own."
                if self._is_given
                else f"The NATS server did not start within {_START_SECONDS} s: its last lines are above."
            ) from error

    async def _see_readiness(self) -> None:
        while not await is_serving(self.part.address):  # noqa: ASYNC110  another process cannot set an event
            await asyncio.sleep(0.1)
        self.part.enter(State.READY)
        await keep_asking(self.part, partial(is_serving, self.part.address))

    async def _run(self, server: Path, group: ProcessGroup, terminal: Terminal) -> None:
        folder = PROJECT_ROOT / "build" / f"nats-{self._ports.broker}"
        shutil.rmtree(folder, ignore_errors=True)  # of a stack that was killed
        command = nats_command(server, self._ports.broker, folder=folder)
        supervisor = Supervisor(
            self.part,
            Program(command, self._environ, partial(is_serving, self.part.address)),
            group_id=group.id,
            on_line=partial(_show_trouble, terminal),
            say=terminal.say,
            backoff=_BACKOFF,
        )
        try:
            await supervisor.run()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _show_trouble(terminal: Terminal, line: str) -> None:
    """Of what it prints, only what is wrong."""
    if "[ERR]" in line or "[FTL]" in line:
        terminal.line("nats", line)


def _address_of(url: str) -> str:
    """Its host and port."""
    address = url.partition("://")[2].rpartition("@")[2].rstrip("/")
    return address if _PORT.search(address) else f"{address}:{_DEFAULT_PORT}"


async def is_serving(address: str) -> bool:
    """Whether a NATS server greets at `address` (host:port)."""
    host, _, port = address.rpartition(":")
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            try:
                return await reader.read(4) == b"INFO"
            finally:
                writer.close()
    return False
