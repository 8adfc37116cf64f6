"""The pusher: for each subscriber as many workers as it takes events at once."""

import asyncio
from asyncio import Event, Task
from collections.abc import Iterator, Mapping
from functools import partial

import httpx

from blueprint.topology import Topology
from pusher.broker import Broker
from pusher.delivery import Subscriber
from pusher.settings import Settings
from pusher.streams import create_streams
from pusher.worker import Worker
from shared.broker.nats_names import name_of, stream_of

_STOP_SECONDS = 8  # Cloud Run and Docker kill after 10
_LAST_SECONDS = 1
_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")


async def push_events(settings: Settings, topology: Topology, *, stopping: Event) -> None:
    """Push until it is time to stop, whatever becomes of the server and the subscribers meanwhile."""
    broker = broker_of(settings, topology)
    async with _http_client() as http:
        workers = _workers(settings, topology, broker=broker, http=http)
        tasks = {asyncio.create_task(worker.run()): worker for worker in workers}
        await stopping.wait()
        await _stop(tasks)
        await broker.close()


def broker_of(settings: Settings, topology: Topology) -> Broker:
    push, project = settings.policy(topology.push), settings.google_cloud_project
    return Broker(settings.nats_url, partial(create_streams, topology=topology, push=push, project=project))


def _http_client() -> httpx.AsyncClient:
    """Each push sets a timeout of its own, and uses the environment's proxy unless it stays on this machine."""
    return httpx.AsyncClient(
        timeout=None,  # noqa: S113  each push has one
        mounts={f"all://{host}": None for host in _THIS_MACHINE},
        limits=httpx.Limits(max_keepalive_connections=0),  # a function that stops waits for idle connections
    )


def _workers(settings: Settings, topology: Topology, *, broker: Broker, http: httpx.AsyncClient) -> Iterator[Worker]:
    project = settings.google_cloud_project
    for function in topology.subscribers().values():
        name = function.subscription or ""
        subscriber = Subscriber(
            name,
            settings.push_endpoints[name],
            project=project,
            topic=topology.events.topic,
            dead_letter_topic=topology.events.dead_letter_topic,
            timeout_seconds=function.timeout_seconds,
            policy=settings.policy(topology.push),
            http=http,
        )
        stream = stream_of(project, topology.events.topic)
        for _ in range(function.concurrency):
            yield Worker(broker, subscriber, stream=stream, consumer=name_of(name))


async def _stop(workers: Mapping[Task[None], Worker]) -> None:
    """Take nothing more, let what is under way end, and cut off what takes too long."""
    for task, worker in workers.items():
        if worker.is_idle_after_stop():
            task.cancel()
    _, late = await asyncio.wait(workers, timeout=_STOP_SECONDS)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=_LAST_SECONDS)
