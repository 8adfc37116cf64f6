"""Pushes events to the subscribers: as many workers for each as it takes events at once."""

import asyncio
from asyncio import Event, Task
from functools import partial

import httpx
from nats.errors import Error

from blueprint.topology import Topology
from pusher.broker import Broker
from pusher.delivery import Subscriber
from pusher.settings import Settings
from pusher.slot import Slot
from pusher.streams import create_streams
from shared.broker.nats_names import name_of, stream_of
from shared.contract.log_events import LogEvent
from shared.runtime import logs

_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
_PAUSE_SECONDS = 1
_STOP_SECONDS = 8  # below the 10 s that Cloud Run, Docker and others leave


async def push_events(settings: Settings, topology: Topology, *, stopping: Event) -> None:
    """Push until it is time to stop, whatever becomes of the server and the subscribers meanwhile."""
    project = settings.google_cloud_project
    policy = settings.policy(topology.push)
    create = partial(create_streams, topology=topology, push=policy, project=project)
    broker = Broker(settings.nats_url, create)
    # A subscriber that stops waits for its idle connections: keep none.
    limits = httpx.Limits(max_keepalive_connections=0)
    past_the_proxy = {f"all://{host}": None for host in _THIS_MACHINE}
    async with httpx.AsyncClient(timeout=None, limits=limits, mounts=past_the_proxy) as http:  # noqa: S113  each push has one
        workers = []
        for function in topology.subscribers().values():
            name = function.subscription or ""
            subscriber = Subscriber(
                name,
                settings.push_endpoints[name],
                project=project,
                topic=topology.events.topic,
                dead_letter_topic=topology.events.dead_letter_topic,
                timeout_seconds=function.timeout_seconds,
                policy=policy,
                http=http,
            )
            stream = stream_of(project, topology.events.topic)
            workers += [
                Worker(broker, subscriber, stream=stream, consumer=name_of(name)) for _ in range(function.concurrency)
            ]
        tasks = {asyncio.create_task(worker.run()): worker for worker in workers}
        await stopping.wait()
        await _stop(tasks)
    await broker.close()


async def _stop(tasks: dict[Task[None], "Worker"]) -> None:
    """Take nothing more, and let what is under way end, within bounds."""
    await asyncio.gather(*(worker.stop() for worker in tasks.values()))
    for task, worker in tasks.items():
        if not worker.is_pushing:
            task.cancel()
    await asyncio.wait(tasks, timeout=_STOP_SECONDS)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


class Worker:
    """Pushes one event after the other."""

    def __init__(self, broker: Broker, subscriber: Subscriber, *, stream: str, consumer: str) -> None:
        self.is_pushing = False
        self._broker = broker
        self._subscriber = subscriber
        self._stream = stream
        self._consumer = consumer
        self._slot: Slot | None = None
        self._is_stopping = False

    async def run(self) -> None:
        """Go on until told to stop, whatever goes wrong."""
        while not self._is_stopping:
            try:
                await self._work()
            except (Error, OSError):
                await asyncio.sleep(_PAUSE_SECONDS)
            except Exception:  # noqa: BLE001  a worker never ends for a bug
                logs.error(LogEvent.PUSHER_FAILED)
                await asyncio.sleep(_PAUSE_SECONDS)

    async def stop(self) -> None:
        self._is_stopping = True
        if self._slot:
            await self._slot.close()

    async def _work(self) -> None:
        """Push what comes, for as long as the server has it."""
        client = await self._broker.usable()
        jetstream = client.jetstream()
        self._slot = Slot(client, stream=self._stream, consumer=self._consumer)
        while not self._is_stopping:
            message = await self._slot.next()
            if message:
                self.is_pushing = True
                try:
                    await self._subscriber.deliver(message, jetstream)
                finally:
                    self.is_pushing = False
