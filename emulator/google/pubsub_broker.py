"""Pub/Sub as the stack's broker: Google's emulator, which pushes by itself."""

import asyncio
from asyncio import TaskGroup
from collections.abc import Callable

import httpx
from starlette.routing import BaseRoute

from emulator.broker import DeadLetters, Place
from emulator.google.dead_letters import dead_letters
from emulator.google.documents import Documents
from emulator.google.emulators import LocalEmulator
from emulator.google.monitoring import monitoring_routes
from emulator.google.topics import create_topics
from emulator.processes.process_group import ProcessGroup
from emulator.processes.status import Part, State
from emulator.terminal.terminal import Terminal


class PubsubBroker:
    """On its emulator."""

    def __init__(self, emulator: LocalEmulator, place: Place, client: httpx.AsyncClient) -> None:
        self._emulator = emulator
        self._place = place
        self._client = client
        self._topics = Part("Topics", place.topology.events.topic)
        self.parts = {"pubsub": emulator.part, "topics": self._topics}
        self.ports = emulator.wanted_ports
        self.local_settings: dict[str, str] = {}
        self.environments: dict[str, dict[str, str]] = {}
        self.redelivered = "every second"
        self.host_settings = {emulator.host_variable: emulator.host}

    async def start(self, tasks: TaskGroup, group: ProcessGroup, terminal: Terminal) -> None:
        """Functions start beside it: they take as long."""
        tasks.create_task(self._emulator.run(group, terminal=terminal, environ=self._place.environ))

    def push(self, tasks: TaskGroup, group: ProcessGroup, terminal: Terminal) -> None:  # noqa: ARG002  no process
        tasks.create_task(self._create_topics())

    async def _create_topics(self) -> None:
        await self._emulator.part.ready.wait()
        topology, project = self._place.topology, self._place.project
        # The framework takes an event's topic from this path.
        path = f"projects/{project}/topics/{topology.events.topic}"
        endpoints = {name: f"{url}{path}" for name, url in self._place.endpoints.items()}
        await asyncio.to_thread(
            create_topics, topology, project=project, pubsub_host=self._emulator.host, push_endpoints=endpoints
        )
        self._topics.enter(State.READY)

    def routes(self, documents: Documents, is_quiet: Callable[[str], bool]) -> list[BaseRoute]:
        topology = self._place.topology
        return monitoring_routes(
            documents,
            self.dead_letters,
            dead_letter_subscription=topology.events.dead_letter_subscription,
            subscribers=topology.subscriptions(),
            is_quiet=is_quiet,
        )

    async def dead_letters(self) -> DeadLetters | None:
        if self._emulator.part.state is not State.READY:
            return None
        return await dead_letters(
            self._client,
            host=self._emulator.host,
            project=self._place.project,
            subscription=self._place.topology.events.dead_letter_subscription,
        )
