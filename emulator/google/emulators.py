"""Google's emulators as the stack has them: each run here, behind a front door, or found where the environment says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from emulator.google.catalogue import Emulator
from emulator.google.front_door import front_door
from emulator.google.running import expect_running, run_emulator
from emulator.processes.ports import HOST, Ports
from emulator.processes.process_group import ProcessGroup
from emulator.processes.status import Part
from emulator.terminal.terminal import Terminal


@dataclass(frozen=True, kw_only=True)
class LocalEmulator:
    """
    One of Google's emulators. `host_variable` is how client libraries are told of it, and how the stack may be.

    One that is not `given` is published at `port` and listens at `port_behind`. `part.address` is what others are told.
    """

    emulator: Emulator
    host_variable: str
    part: Part
    given: bool
    port: int
    port_behind: int

    @property
    def host(self) -> str:
        """Where the stack's own parts reach it: past the front door."""
        return self.part.address if self.given else f"{HOST}:{self.port_behind}"

    @property
    def wanted_ports(self) -> dict[str, int]:
        """The ports that it will listen on, by the name of the part."""
        return {} if self.given else {self.part.name: self.port}

    async def run(self, group: ProcessGroup, *, terminal: Terminal, environ: Mapping[str, str]) -> None:
        """
        Run it until cancelled; of one that is given only see that it runs.

        Raises:
            StackError: It is not to be had, does not start, or has stopped.
        """
        if self.given:
            terminal.say(f"Using the {self.part.name} at {self.part.address}, because {self.host_variable} is set")
            await expect_running(self.part, self.host_variable)
        else:
            async with front_door(self.port, to=self.port_behind):
                await run_emulator(
                    self.emulator, self.part, port=self.port_behind, group=group, terminal=terminal, environ=environ
                )


class LocalEmulators(NamedTuple):
    """Both of them."""

    pubsub: LocalEmulator
    firestore: LocalEmulator

    @property
    def host_settings(self) -> dict[str, str]:
        """The settings that make Google's client libraries use them."""
        return {each.host_variable: each.host for each in self}


def local_emulators(ports: Ports, environ: Mapping[str, str]) -> LocalEmulators:
    """The emulators of a stack on `ports`; one that `environ` names is used as it is."""
    behind = iter(ports.behind(2))

    def one(emulator: Emulator, name: str, host_variable: str, *, port: int) -> LocalEmulator:
        given = environ.get(host_variable)
        return LocalEmulator(
            emulator=emulator,
            host_variable=host_variable,
            part=Part(name, given or f"{HOST}:{port}"),
            given=bool(given),
            port=port,
            port_behind=next(behind),
        )

    return LocalEmulators(
        one(Emulator.PUBSUB, "Pub/Sub emulator", "PUBSUB_EMULATOR_HOST", port=ports.broker),
        one(Emulator.FIRESTORE, "Firestore emulator", "FIRESTORE_EMULATOR_HOST", port=ports.firestore),
    )
