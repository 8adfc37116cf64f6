"""
A pusher that ends before any of its steps, and so after the one before: no event is lost, and another pusher goes on.

What ends here is a thread: from a step on, nothing leaves it any more. A real process is killed in test_program.py.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from pusher.slot import Slot
from testkit.nats_server import NatsServer
from testkit.polling import eventually
from testkit.pushed_project import ACKNOWLEDGED, REFUSED, PushedProject, Subscriber

ATTEMPTS = 2
STEPS = {
    ACKNOWLEDGED: ["fetched", "push", "answer"],
    REFUSED: ["fetched", "push", "answer", "fetched", "push", "store", "answer"],
}


class Life:
    """Of a pusher: ends before the step of this number."""

    def __init__(self, last: int | None = None) -> None:
        self.steps = list[str]()
        self.ended = Event()
        self._last = last

    async def step(self, name: str | None) -> None:
        if self.ended.is_set() or (name and len(self.steps) == self._last):
            self.ended.set()
            await asyncio.get_running_loop().create_future()
        if name:
            self.steps.append(name)


LIFE: ContextVar[Life] = ContextVar("life", default=Life())  # noqa: B039  what all else does, and nobody looks at


@pytest.fixture
def mortal(monkeypatch: pytest.MonkeyPatch) -> None:
    publish, send, take = Client.publish, httpx.AsyncClient.send, Slot.next

    async def publish_or_end(client: Client, subject: str, *arguments: Any, **options: Any) -> None:
        name = {"$JS.ACK": "answer", "$JS.API": None}.get(subject[:7], "store")
        await LIFE.get().step(name)
        await publish(client, subject, *arguments, **options)

    async def send_or_end(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        await LIFE.get().step("push")
        return await send(client, request, **options)

    async def take_or_end(slot: Slot) -> Msg | None:
        message = await take(slot)
        if message:
            await LIFE.get().step("fetched")
        return message

    monkeypatch.setattr(Client, "publish", publish_or_end)
    monkeypatch.setattr(httpx.AsyncClient, "send", send_or_end)
    monkeypatch.setattr(Slot, "next", take_or_end)
    monkeypatch.setattr("pusher.pusher._STOP_SECONDS", 0)
    monkeypatch.setattr("pusher.pusher._LAST_SECONDS", 0.1)


@contextmanager
def pusher_living(life: Life, project: PushedProject, subscriber: Subscriber) -> Iterator[None]:
    before = LIFE.set(life)
    with project.pushed_to(subscriber, attempts=ATTEMPTS, ack_deadline=1):
        LIFE.reset(before)
        yield


@pytest.mark.usefixtures("mortal")
@pytest.mark.parametrize("reply", [ACKNOWLEDGED, REFUSED], ids=["acknowledged", "refused"])
def test_no_event_is_lost_wherever_a_pusher_ends(reply: bytes, shared_nats: NatsServer, tmp_path: Path) -> None:
    def end_before(last: int | None) -> tuple[list[str], list[bytes], int, int]:
        """What the pusher did, what was pushed, how often that was given up, and what is left."""
        project, life = PushedProject(shared_nats.url, tmp_path), Life(last)
        with Subscriber.answering(reply) as subscriber:
            project.publish(b"event")
            with pusher_living(life, project, subscriber):
                assert eventually(lambda: life.ended.is_set() or project.unacknowledged() == 0)
            with pusher_living(Life(), project, subscriber):
                assert eventually(lambda: project.unacknowledged() == 0)
        return life.steps, subscriber.events, len(project.take_dead_letters()), project.unacknowledged()

    steps = STEPS[reply]
    moments = [*range(len(steps)), None]
    with ThreadPoolExecutor(len(moments)) as pool:
        ends = dict(zip(moments, pool.map(end_before, moments), strict=True))

    assert {last: end[0] for last, end in ends.items()} == {last: steps[:last] for last in moments}
    pushes = steps.count("push")
    for last, (_, pushed, given_up, left) in ends.items():
        crashed = last is not None
        assert 1 <= len(pushed) <= pushes + crashed, last  # a delivery that it did not push counts, too
        assert (reply is REFUSED) <= given_up <= (1 + crashed) * (reply is REFUSED), last
        assert left == 0, last
