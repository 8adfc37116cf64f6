"""What carries the events on this machine: the seam between the stack and either broker."""

from asyncio import TaskGroup
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.routing import BaseRoute

from blueprint.topology import Topology
from emulator.google.documents import Documents
from emulator.processes.ports import HOST, Ports
from emulator.processes.process_group import ProcessGroup
from emulator.processes.status import Part
from emulator.terminal.terminal import Terminal

# The attributes of a dead letter, and as one of them when it was published.
DeadLetters = Mapping[str, Mapping[str, str]]
PUBLISHED_AT = "publishTime"
MOST_DEAD_LETTERS = 50


@dataclass(frozen=True)
class Place:
    """What is run, on which ports, in which project; `environ` is the environment of the stack."""

    topology: Topology
    ports: Ports
    project: str
    environ: Mapping[str, str]

    @property
    def endpoints(self) -> dict[str, str]:
        """Where the subscribers listen, by subscription."""
        return {
            function.subscription: f"http://{HOST}:{self.ports.base + function.port}/"
            for function in self.topology.functions.values()
            if function.subscription
        }


class LocalBroker(Protocol):
    """A broker as the stack has it: run here, or found where the environment says."""

    @property
    def parts(self) -> dict[str, Part]:
        """By their keys in the status. The first is the server, which the functions speak to."""

    @property
    def ports(self) -> dict[str, int]:
        """The ports that it will listen on, by the name of the part."""

    @property
    def host_settings(self) -> dict[str, str]:
        """The variables by which client libraries find it."""

    async def start(self, tasks: TaskGroup, group: ProcessGroup, terminal: Terminal) -> None:
        """
        Have `tasks` run the server until they are cancelled, and return once functions may start.

        Raises:
            StackError: It is not to be had or does not start, here or in a task.
        """

    @property
    def redelivered(self) -> str:
        """How often an event is pushed again that was not acknowledged: `every second`."""

    @property
    def local_settings(self) -> dict[str, str]:
        """What functions are told of it, unless the stack's environment says otherwise."""

    @property
    def environments(self) -> dict[str, dict[str, str]]:
        """The whole environments of programs of its own, by the package that reads them."""

    def push(self, tasks: TaskGroup, group: ProcessGroup, terminal: Terminal) -> None:
        """Have `tasks` see to it that events are pushed to the functions."""

    def routes(self, documents: Documents, is_quiet: Callable[[str], bool]) -> list[BaseRoute]:
        """Where functions ask about events that wait. `is_quiet` says whether a function has printed nothing lately."""

    async def dead_letters(self) -> DeadLetters | None:
        """Those there are, by message id and at most 50, without taking them; None where nobody knows."""
