"""
A push subscription as production's is, since the emulator's pushes two at a time and redelivers otherwise.

Google documents (https://docs.cloud.google.com/pubsub/docs/push): the window of pushes under way starts with a single
digit, grows exponentially by what is acknowledged and shrinks by what is not; many refusals make a push back-off for
the whole subscription, 0.1 s to 60 s between pushes, 0.5 s where a fifth is refused and 30 s to 60 s where all are; the
retry policy is each message's own. Its formulas are not published: those here come near these figures.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

import httpx

from blueprint.topology import Push, read_topology
from shared.events.codec import Encoding, encode
from shared.events.event import Event, EventId
from testkit.pushing import TOPIC, body_of

_ACKNOWLEDGING = {102, 200, 201, 202, 204}
_FIRST_WINDOW = 4
_SHORTEST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 60
_MANY_REFUSED = 0.01  # the documentation wants more than 99 % acknowledged
_REMEMBERED = 20  # pushes, of which the share that was refused is taken


def push_all(url: str, events: Sequence[Event], *, places: int, faster: float) -> "PushSubscription":
    """Push to the function at `url`, as topology.toml says, until each event is acknowledged or a dead letter."""

    async def drain() -> PushSubscription:
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:

            async def push(event: Event) -> int:
                response = await client.post(f"{url}{TOPIC}", json=body_of(encode(event, Encoding.JSON)))
                return response.status_code

            subscription = PushSubscription(push, read_topology().push, places=places, faster=faster)
            await subscription.drain(events)
        return subscription

    return asyncio.run(drain())


class PushSubscription:
    """
    Pushes events to a function that works on at most `places` at once: max_instances x concurrency.

    `push` makes the request and gives its status. What a refusal has Pub/Sub wait for is `faster` times shorter. Where
    no place is free Cloud Run lets a request wait for `queue_seconds` and then answers 429.
    """

    def __init__(
        self,
        push: Callable[[Event], Awaitable[int]],
        policy: Push,
        *,
        places: int,
        faster: float,
        queue_seconds: float = 10,
    ) -> None:
        self.attempts: Counter[EventId] = Counter()
        self.dead_letters: list[Event] = []
        self.turned_away = 0  # by Cloud Run
        self._push = push
        self._policy = policy
        self._faster = faster
        self._queue_seconds = queue_seconds
        self._places = asyncio.Semaphore(places)
        self._ready: asyncio.Queue[Event | None] = asyncio.Queue()
        self._answered = asyncio.Event()
        self._window = _FIRST_WINDOW
        self._under_way = 0
        self._unfinished = 0
        self._refused = 0.0

    async def drain(self, events: Sequence[Event]) -> None:
        """Push until each event is acknowledged or a dead letter."""
        self._unfinished = len(events)
        for event in events:
            self._ready.put_nowait(event)
        async with asyncio.TaskGroup() as pushes:
            while event_or_end := await self._ready.get():
                await self._window_has_room()
                await asyncio.sleep(self._pause_seconds())
                self._under_way += 1
                pushes.create_task(self._deliver(event_or_end))

    async def _deliver(self, event: Event) -> None:
        self.attempts[event.event_id] += 1
        acknowledged = await self._status(event) in _ACKNOWLEDGING
        self._under_way -= 1
        self._refused += ((not acknowledged) - self._refused) / _REMEMBERED
        self._window = self._window + 1 if acknowledged else max(1, self._window // 2)
        self._answered.set()
        attempts = self.attempts[event.event_id]
        if acknowledged or attempts >= self._policy.max_delivery_attempts:
            self._finish(event, acknowledged=acknowledged)
        else:
            asyncio.get_running_loop().call_later(self._backoff_seconds(attempts), self._ready.put_nowait, event)

    async def _status(self, event: Event) -> int:
        try:
            async with asyncio.timeout(self._queue_seconds):
                await self._places.acquire()
        except TimeoutError:
            self.turned_away += 1
            return HTTPStatus.TOO_MANY_REQUESTS
        try:
            return await self._push(event)
        finally:
            self._places.release()

    def _finish(self, event: Event, *, acknowledged: bool) -> None:
        if not acknowledged:
            self.dead_letters.append(event)
        self._unfinished -= 1
        if not self._unfinished:
            self._ready.put_nowait(None)

    async def _window_has_room(self) -> None:
        while self._under_way >= self._window:
            self._answered.clear()
            await self._answered.wait()

    def _pause_seconds(self) -> float:
        """The push back-off."""
        if self._refused < _MANY_REFUSED:
            return 0
        longer: float = (_LONGEST_PAUSE_SECONDS / _SHORTEST_PAUSE_SECONDS) ** self._refused
        return _SHORTEST_PAUSE_SECONDS * longer / self._faster

    def _backoff_seconds(self, attempts: int) -> float:
        """The retry policy."""
        policy = self._policy
        seconds = min(policy.maximum_backoff_seconds, policy.minimum_backoff_seconds * 2.0 ** (attempts - 1))
        return seconds / self._faster
