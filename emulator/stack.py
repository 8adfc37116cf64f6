"""The local stack: what it consists of, and the order in which it starts and stops."""

import asyncio
from asyncio import TaskGroup
from collections.abc import Mapping
from functools import partial

import httpx

from blueprint.bundle import stage
from blueprint.topology import Topology, Trigger
from emulator.functions.environment import function_environment, function_program, local_settings
from emulator.functions.relay_schedule import call_on_schedule
from emulator.functions.reload import restart_on_change
from emulator.google.catalogue import Emulator
from emulator.google.front_door import front_door
from emulator.google.running import HOST_VARIABLES, expect_running, run_emulator
from emulator.google.topics import create_topics
from emulator.journeys.journeys import Journeys
from emulator.processes.ports import HOST, Ports, check_free
from emulator.processes.process_group import ProcessGroup, process_group
from emulator.processes.signals import stop_on_signals
from emulator.processes.status import Part, StackStatus, State
from emulator.processes.supervisor import Backoff, Supervisor
from emulator.terminal.starting import show_progress
from emulator.terminal.summary import summary
from emulator.terminal.terminal import Terminal
from emulator.ui.local_ui import LocalUi

_EMULATOR_NAMES = {Emulator.PUBSUB: "Pub/Sub emulator", Emulator.FIRESTORE: "Firestore emulator"}


class Stack:
    """
    Everything that `topology` names, on this machine.

    `environ` is where settings of the functions and emulators that run already are looked up. What is scheduled is
    called every `schedule_seconds`.
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
        self._local = local_settings(ports, topology.events)
        self._project = environ.get("GOOGLE_CLOUD_PROJECT") or self._local["GOOGLE_CLOUD_PROJECT"]
        self._published = {Emulator.PUBSUB: ports.pubsub, Emulator.FIRESTORE: ports.firestore}
        self._behind = dict(zip(self._published, ports.behind(len(self._published)), strict=True))
        given = {emulator: environ.get(HOST_VARIABLES[emulator]) for emulator in self._published}
        # Where the stack's own parts reach them; what others are told is the front door's address.
        self._hosts = {emulator: host or f"{HOST}:{self._behind[emulator]}" for emulator, host in given.items()}
        self._emulators = {
            emulator: Part(name, given[emulator] or f"{HOST}:{self._published[emulator]}")
            for emulator, name in _EMULATOR_NAMES.items()
        }
        self._topics = Part("Topics", topology.events.topic)
        self._inbox = Part("Inbox (SMTP)", f"{HOST}:{ports.smtp}")
        self._functions = {
            name: Part(name, f"http://{HOST}:{ports.base + function.port}/")
            for name, function in topology.functions.items()
        }
        self._supervisors: dict[str, Supervisor] = {}
        self._journeys = Journeys(frozenset(topology.subscribers()))

    def status(self) -> StackStatus:
        emulators = {"pubsub": self._emulators[Emulator.PUBSUB], "firestore": self._emulators[Emulator.FIRESTORE]}
        return StackStatus({**self._functions, **emulators, "topics": self._topics, "inbox": self._inbox})

    async def run(self) -> None:
        """
        Run until a signal cancels the current task, then stop everything: the functions first, then what they use.

        Raises:
            StackError: Something cannot start, or has ended that cannot be started again. It may come in groups.
        """
        check_free(self._wanted_ports(), base=self._ports.base)
        # A function that stops waits for its idle connections: keep none.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with process_group() as group, httpx.AsyncClient(trust_env=False, limits=limits) as client:
            with stop_on_signals(say=self._terminal.say, kill=group.kill):
                async with self._ui(client).served(), TaskGroup() as emulators:
                    emulators.create_task(group.watch())
                    for emulator, part in self._emulators.items():
                        emulators.create_task(self._run_emulator(emulator, part, group))
                    async with TaskGroup() as functions:
                        await self._start_functions(functions, group, client)
                        functions.create_task(self._create_topics())
                        await show_progress(self.status(), self._terminal)
                        self._terminal.say(summary(self._ports, self.status()))

    def _ui(self, client: httpx.AsyncClient) -> LocalUi:
        return LocalUi(
            topology=self._topology,
            ports=self._ports,
            project=self._project,
            hosts=self._hosts,
            environ=self._environ,
            client=client,
            status=self.status,
            supervisors=self._supervisors,
            journeys=self._journeys,
        )

    def _wanted_ports(self) -> dict[str, int]:
        own = {"inbox's SMTP server": self._ports.smtp, "browser": self._ports.ui}
        for emulator, port in self._published.items():
            if not self._environ.get(HOST_VARIABLES[emulator]):
                own[self._emulators[emulator].name] = port
        return {name: self._ports.base + function.port for name, function in self._topology.functions.items()} | own

    async def _run_emulator(self, emulator: Emulator, part: Part, group: ProcessGroup) -> None:
        if self._environ.get(HOST_VARIABLES[emulator]):
            self._terminal.say(f"Using the {part.name} at {part.address}, because {HOST_VARIABLES[emulator]} is set")
            await expect_running(part, HOST_VARIABLES[emulator])
        else:
            port = self._behind[emulator]
            async with front_door(self._published[emulator], to=port):
                await run_emulator(
                    emulator, part, port=port, group=group, terminal=self._terminal, environ=self._environ
                )

    async def _create_topics(self) -> None:
        await self._emulators[Emulator.PUBSUB].ready.wait()
        # The framework takes an event's topic from this path.
        path = f"projects/{self._project}/topics/{self._topology.events.topic}"
        endpoints = {
            function.subscription: f"{self._functions[name].address}{path}"
            for name, function in self._topology.functions.items()
            if function.subscription
        }
        await asyncio.to_thread(
            create_topics,
            self._topology,
            project=self._project,
            pubsub_host=self._hosts[Emulator.PUBSUB],
            push_endpoints=endpoints,
        )
        self._topics.enter(State.READY)

    async def _start_functions(self, tasks: TaskGroup, group: ProcessGroup, client: httpx.AsyncClient) -> None:
        functions = self._topology.functions
        bundles = await asyncio.gather(*(asyncio.to_thread(stage, *each) for each in functions.items()))
        hosts = {HOST_VARIABLES[emulator]: host for emulator, host in self._hosts.items()}
        for (name, function), bundle in zip(functions.items(), bundles, strict=True):
            program = function_program(
                function,
                bundle=bundle,
                port=self._ports.base + function.port,
                environment=function_environment(
                    function, local=self._local, emulator_hosts=hosts, environ=self._environ
                ),
                client=client,
            )
            self._supervisors[name] = Supervisor(
                self._functions[name],
                program,
                group_id=group.id,
                on_line=partial(self._on_line, name),
                say=self._terminal.say,
                backoff=Backoff(),
            )
            tasks.create_task(self._supervisors[name].run())
            if function.trigger is Trigger.SCHEDULE:
                tasks.create_task(
                    call_on_schedule(
                        self._functions[name].address,
                        every_seconds=self._schedule_seconds,
                        timeout_seconds=function.timeout_seconds,
                        client=client,
                        say=self._terminal.say,
                    )
                )
        tasks.create_task(restart_on_change(functions, self._supervisors, say=self._terminal.say))

    def _on_line(self, name: str, line: str) -> None:
        self._terminal.line(name, line)
        self._journeys.read(name, line)
