"""Runs the functions: each from its bundle, again when it dies or its code changes, some on a schedule."""

import asyncio
import sys
from asyncio import TaskGroup
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import httpx

from blueprint.bundle import stage
from blueprint.topology import Function, Trigger
from emulator.functions.reload import restart_on_change, say_when_topology_changes
from emulator.functions.schedule import call_on_schedule
from emulator.processes.errors import StackError
from emulator.processes.ports import HOST, Ports
from emulator.processes.process_group import ProcessGroup
from emulator.processes.readiness import ANSWER_SECONDS
from emulator.processes.status import Part
from emulator.processes.supervisor import Backoff, Program, Supervisor

_MINUTE = 60


class LocalFunctions:
    """
    `functions` on this machine, and by their names: `ports`, `parts` and, once they are started, `supervisors`.

    `environments` are whole. Each line that a function prints goes to `on_line` with its name; `say` takes what there
    is to tell of them.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        ports: Ports,
        *,
        environments: Mapping[str, Mapping[str, str]],
        on_line: Callable[[str, str], None],
        say: Callable[[str], None],
    ) -> None:
        self._functions = functions
        self._environments = environments
        self._on_line = on_line
        self._say = say
        self.ports = {name: ports.base + function.port for name, function in functions.items()}
        self.parts = {name: Part(name, f"http://{HOST}:{port}/") for name, port in self.ports.items()}
        self.supervisors: dict[str, Supervisor] = {}

    async def start(self, tasks: TaskGroup, group: ProcessGroup, *, client: httpx.AsyncClient) -> None:
        """
        Stage and start all of them; `tasks` keep them running and watch for changes.

        Raises:
            StackError: They cannot be staged.
        """
        try:
            bundles = await asyncio.gather(*(asyncio.to_thread(stage, *each) for each in self._functions.items()))
        except OSError as error:
            raise StackError(
                f"The functions cannot be staged in build/ ({error}): make the project's folder writable with some "
                "space left, or correct a source or a room in topology.toml."
            ) from error
        for (name, function), bundle in zip(self._functions.items(), bundles, strict=True):
            self.supervisors[name] = Supervisor(
                self.parts[name],
                function_program(
                    function,
                    bundle=bundle,
                    port=self.ports[name],
                    environment=self._environments[name],
                    client=client,
                ),
                group_id=group.id,
                on_line=partial(self._on_line, name),
                say=self._say,
                backoff=Backoff(),
            )
            tasks.create_task(self.supervisors[name].run())
        tasks.create_task(restart_on_change(self._functions, self.supervisors, say=self._say))
        tasks.create_task(say_when_topology_changes(say=self._say))

    def schedule(self, tasks: TaskGroup, *, client: httpx.AsyncClient, minute_seconds: float) -> None:
        """Have `tasks` call what is scheduled. What the cloud calls every minute is called every `minute_seconds`."""
        for name, function in self._functions.items():
            if function.trigger is Trigger.SCHEDULE:
                tasks.create_task(
                    call_on_schedule(
                        name,
                        self.parts[name].address,
                        every_seconds=minute_seconds * (function.every_seconds or _MINUTE) / _MINUTE,
                        timeout_seconds=function.timeout_seconds,
                        client=client,
                        say=self._say,
                    )
                )


def function_program(
    function: Function, *, bundle: Path, port: int, environment: Mapping[str, str], client: httpx.AsyncClient
) -> Program:
    return Program(
        [
            *(sys.executable, "-m", "emulator.functions.function_server"),
            *("--source", str(bundle / "main.py"), "--target", function.target),
            *("--host", HOST, "--port", str(port)),
        ],
        environment,
        partial(_is_serving, client, port),
    )


async def _is_serving(client: httpx.AsyncClient, port: int) -> bool:
    try:
        # The layer around the function refuses a page of another site: its worker is asked, itself not.
        await client.get(f"http://{HOST}:{port}/", headers={"Sec-Fetch-Site": "cross-site"}, timeout=ANSWER_SECONDS)
    except httpx.TransportError:
        return False
    return True
