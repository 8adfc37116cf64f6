"""The local stack: what it consists of, and the order in which it starts and stops."""

from asyncio import TaskGroup
from collections.abc import Mapping
from time import monotonic

import httpx

from blueprint.topology import Topology
from create_user.settings import Settings as CreateUserSettings
from emulator.broker import Place
from emulator.brokers import local_broker
from emulator.functions.destinations import destinations
from emulator.functions.environ_check import misspelt
from emulator.functions.environment import LOCAL_PROJECT, function_environment, local_settings
from emulator.functions.function_settings import read_function_settings
from emulator.functions.running import LocalFunctions
from emulator.google.emulators import local_emulators
from emulator.journeys.journeys import Journeys
from emulator.processes.ports import HOST, Ports, check_free
from emulator.processes.process_group import process_group
from emulator.processes.signals import stop_on_signals
from emulator.processes.status import Part, StackStatus, State
from emulator.terminal.starting import show_start
from emulator.terminal.summary import summary
from emulator.terminal.terminal import Terminal
from emulator.ui.local_ui import LocalUi
from relay_outbox.settings import Settings as RelaySettings
from shared.runtime.settings import read_settings

_QUIET_SECONDS = 3.0  # the emulator pushes what was not acknowledged again every second


class Stack:
    """
    Everything that `topology` names, on this machine.

    `environ` is where settings of the functions and emulators that run already are looked up. What is scheduled is
    called every `schedule_seconds`. Raises StackError if settings are missing or wrong.
    """

    def __init__(
        self,
        topology: Topology,
        ports: Ports,
        *,
        schedule_seconds: float,
        environ: Mapping[str, str],
        terminal: Terminal,
    ) -> None:
        self._topology = topology
        self._ports = ports
        self._schedule_seconds = schedule_seconds
        self._environ = environ
        self._terminal = terminal
        self._project = environ.get("GOOGLE_CLOUD_PROJECT") or LOCAL_PROJECT
        emulators = local_emulators(ports, environ)
        self._firestore = emulators.firestore
        # A function that stops waits for its idle connections: keep none.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(trust_env=False, limits=limits)
        place = Place(topology, ports, self._project, environ)
        self._broker = local_broker(place, emulators.pubsub, client=self._client, on_line=self._on_line)
        local = local_settings(ports, topology) | self._broker.local_settings
        self._inbox = Part("Inbox (SMTP)", f"{HOST}:{ports.smtp}")
        hosts = {**self._broker.host_settings, self._firestore.host_variable: self._firestore.host}
        environments = {
            name: function_environment(function, local=local, emulator_hosts=hosts, environ=environ)
            for name, function in topology.functions.items()
        }
        self._questions = misspelt(environ, topology)
        settings = read_function_settings(
            topology, environments=environments | self._broker.environments, environ=environ
        )
        self._destinations = destinations(settings, ports)
        self._sign_up = read_settings(CreateUserSettings, environments["create_user"])
        self._relay = read_settings(RelaySettings, environments["relay_outbox"])
        self._functions = LocalFunctions(
            topology.functions,
            ports,
            environments=environments,
            on_line=self._on_line,
            say=terminal.say,
        )
        self._journeys = Journeys(frozenset(topology.subscribers()), subscriptions=topology.subscriptions())
        self._started_at = monotonic()
        self._spoke_at: dict[str, float] = {}

    def status(self) -> StackStatus:
        own = {"firestore": self._firestore.part, "inbox": self._inbox}
        return StackStatus({**self._functions.parts, **self._broker.parts, **own}, self._destinations)

    async def run(self) -> None:
        """
        Run until a signal cancels the current task, then stop everything: the functions first, then what they use.

        Raises:
            StackError: Something cannot start, or has ended that cannot be started again. It may come in groups.
        """
        check_free(self._wanted_ports(), base=self._ports.base)
        async with process_group() as group, self._client as client:
            with stop_on_signals(say=self._terminal.say, kill=group.kill):
                async with self._ui().served(), TaskGroup() as servers:
                    servers.create_task(group.watch())
                    servers.create_task(self._firestore.run(group, terminal=self._terminal, environ=self._environ))
                    await self._broker.start(servers, group, self._terminal)
                    async with TaskGroup() as functions:
                        await self._functions.start(functions, group, client=client)
                        self._broker.push(functions, group, self._terminal)
                        await show_start(self.status(), self._terminal)
                        self._functions.schedule(functions, client=client, minute_seconds=self._schedule_seconds)
                        self._terminal.say(self._summary())

    def _wanted_ports(self) -> dict[str, int]:
        own = {"inbox's SMTP server": self._ports.smtp, "browser": self._ports.ui}
        return self._functions.ports | own | self._broker.ports | self._firestore.wanted_ports

    def _ui(self) -> LocalUi:
        return LocalUi(
            topology=self._topology,
            ports=self._ports,
            project=self._project,
            broker=self._broker,
            firestore_host=self._firestore.host,
            environ=self._environ,
            client=self._client,
            status=self.status,
            supervisors=self._functions.supervisors,
            journeys=self._journeys,
            is_quiet=self._is_quiet,
            sign_up=self._sign_up,
            relay_seconds=self._relay.outbox_grace_seconds + self._schedule_seconds,
        )

    def _summary(self) -> str:
        return summary(self._ports, self.status(), self._questions, verify_email=self._sign_up.verify_email)

    def _on_line(self, name: str, line: str) -> None:
        self._spoke_at[name] = monotonic()
        self._terminal.line(name, line)
        self._journeys.read(name, line)

    def _is_quiet(self, name: str) -> bool:
        """Whether a function responds, and has printed nothing for a while: each push makes a subscriber print."""
        quiet_seconds = monotonic() - self._spoke_at.get(name, self._started_at)
        return self._functions.parts[name].state is State.READY and quiet_seconds > _QUIET_SECONDS
