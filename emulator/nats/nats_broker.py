"""NATS as the stack's broker: a server with streams, and the pusher that calls the functions."""

import asyncio
import sys
from asyncio import TaskGroup
from collections.abc import Callable
from functools import partial

from nats.errors import Error
from starlette.routing import BaseRoute

from emulator.broker import DeadLetters, Place
from emulator.google.documents import Documents
from emulator.nats.dead_letters import dead_letters
from emulator.nats.local_server import LocalNatsServer
from emulator.nats.settings import policy_in_force, pusher_environment
from emulator.processes.errors import StackError
from emulator.processes.process_group import ProcessGroup
from emulator.processes.status import Part, State
from emulator.processes.supervisor import Backoff, Program, Supervisor
from emulator.terminal.terminal import Terminal
from pusher.streams import create_streams
from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_names import stream_of, subject_of
from shared.contract.log_events import LogEvent

_CALL_SECONDS = 5
_LOOK_SECONDS = 2


class NatsBroker:
    """`on_line` takes the pusher's lines with its name."""

    def __init__(self, place: Place, on_line: Callable[[str, str], None]) -> None:
        self._server = server = LocalNatsServer(place.ports, place.environ)
        self._environment = pusher_environment(place, server.url)
        self._place = place
        self._on_line = on_line
        self._pusher = Part("pusher", ", ".join(place.topology.subscribers()))
        self._connection = NatsConnection(server.url)
        self.parts = {"nats": server.part, "pusher": self._pusher}
        self.ports = server.wanted_ports
        self.environments = {"pusher": self._environment}
        self._push = policy_in_force(self._environment, place.topology.push)
        self.local_settings = {"NATS_URL": server.url, "ATTEMPTS_SECONDS": str(self._push.attempts_seconds)}
        first, most = self._push.minimum_backoff_seconds, self._push.maximum_backoff_seconds
        self.redelivered = f"after {first} s to {most} s" if first < most else f"every {most} s"
        self.host_settings: dict[str, str] = {}  # NATS_URL is a setting of the functions

    async def start(self, tasks: TaskGroup, group: ProcessGroup, terminal: Terminal) -> None:
        """With the streams and all consumers: from the first event on nothing is missed."""
        await self._server.start(tasks, group, terminal)
        topology, project = self._place.topology, self._place.project
        create = partial(create_streams, topology=topology, push=self._push, project=project)
        try:
            await asyncio.to_thread(self._connection.call, create, timeout_seconds=_CALL_SECONDS)
        except (Error, OSError) as error:
            raise StackError(
                f"The NATS server at {self._server.part.address} did not create the streams ({type(error).__name__}): "
                "check that JetStream is enabled there (nats-server -js), that NATS_URL may use it, and that no other "
                "stream there has their names or subjects."
            ) from error

    def push(self, tasks: TaskGroup, group: ProcessGroup, terminal: Terminal) -> None:
        supervisor = Supervisor(
            self._pusher,
            Program([sys.executable, "-m", "pusher"], self._environment, _once_started, LogEvent.BROKER_AVAILABLE),
            group_id=group.id,
            on_line=partial(self._on_line, self._pusher.name),
            say=terminal.say,
            backoff=Backoff(),
        )
        tasks.create_task(supervisor.run())

    def routes(self, documents: Documents, is_quiet: Callable[[str], bool]) -> list[BaseRoute]:  # noqa: ARG002  the seam's
        """None: the functions ask the server itself."""
        return []

    async def dead_letters(self) -> DeadLetters | None:
        if self._server.part.state is not State.READY:
            return None
        project, topic = self._place.project, self._place.topology.events.dead_letter_topic
        look = partial(dead_letters, stream=stream_of(project, topic), subject=subject_of(project, topic))
        try:
            return await asyncio.to_thread(self._connection.call, look, timeout_seconds=_LOOK_SECONDS)
        except (Error, OSError):
            return None


async def _once_started() -> bool:
    """It serves nobody: it has said that it runs, and ends where it does not."""
    return True
