"""Keeps the journeys of the last sign-ups, and tells those who watch which of them have changed."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from emulator.journeys.journey import Journey
from emulator.journeys.log_line import read_log_line, steps_of


class Watcher:
    """One who watches, until it is `over`: which journeys have changed since it last asked, the last `capacity`."""

    over = False

    def __init__(self, *, capacity: int) -> None:
        self._capacity = capacity
        self._changed: OrderedDict[str, Journey] = OrderedDict()  # oldest change first
        self._some = asyncio.Event()

    def tell(self, journey: Journey) -> None:
        self._changed[journey.user_id] = journey
        self._changed.move_to_end(journey.user_id)
        if len(self._changed) > self._capacity:
            self._changed.popitem(last=False)
        self._some.set()

    def end(self) -> None:
        self.over = True
        self._some.set()

    async def changed(self, *, wait_seconds: float) -> list[Journey]:
        """The journeys changed, oldest change first; none if there is no change for so long."""
        try:
            async with asyncio.timeout(wait_seconds):
                await self._some.wait()
        except TimeoutError:
            return []
        journeys = list(self._changed.values())
        self._changed.clear()
        self._some.clear()
        return journeys


class Journeys:
    """
    The last `capacity` journeys, all on one event loop.

    `subscribers` are the functions that each is to reach, and `subscriptions` those by their subscription.
    """

    def __init__(
        self,
        subscribers: Collection[str],
        *,
        subscriptions: Mapping[str, str] = {},
        capacity: int = 1000,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.subscribers = subscribers
        self._subscriptions = subscriptions
        self._capacity = capacity
        self._now = now
        self._journeys: OrderedDict[str, Journey] = OrderedDict()  # oldest first
        self._watchers: set[Watcher] = set()

    def read(self, by: str, text: str) -> None:
        """Read a line that the function `by`, or a broker's own program, has just printed."""
        line = read_log_line(text)
        by = self._subscriptions.get(line.subscription, by) if line else by
        steps = list(steps_of(line, by=by, at=self._now())) if line else []
        if not line or not steps or not (user_id := line.user_id or self._user_of(line.event_id)):
            return
        journey = self._journeys.setdefault(user_id, Journey(user_id))
        journey.event_id = journey.event_id or line.event_id
        journey.trace_id = journey.trace_id or line.trace_id
        for step in steps:
            journey.take(step)
        while len(self._journeys) > self._capacity:
            self._journeys.popitem(last=False)
        self._tell(journey)

    def _user_of(self, event_id: str) -> str | None:
        """Who the event is about: a broker knows events only."""
        return next((each.user_id for each in self._journeys.values() if each.event_id == event_id), None)

    def put_back(self, ids: Collection[str], *, reason: str) -> None:
        """Take note that the deliveries with these ids were put back, and of what they wait for."""
        for journey in self._journeys.values():
            if journey.put_back(ids, at=self._now(), reason=reason):
                self._tell(journey)

    def end(self) -> None:
        """Tell the watchers that nothing more will come."""
        for watcher in self._watchers:
            watcher.end()

    def get(self, user_id: str) -> Journey | None:
        return self._journeys.get(user_id)

    def newest_first(self) -> list[Journey]:
        return list(reversed(self._journeys.values()))

    def _tell(self, journey: Journey) -> None:
        for watcher in self._watchers:
            watcher.tell(journey)

    @contextmanager
    def watched(self) -> Iterator[Watcher]:
        """A watcher, to whom all the journeys there are count as changed."""
        watcher = Watcher(capacity=self._capacity)
        for journey in self._journeys.values():
            watcher.tell(journey)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
