"""Keeps the journeys of the last sign-ups, and tells those who watch which of them have changed."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from emulator.inbox.addresses import comparable
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
        if not line or not steps:
            return
        # Of a broker's own programs there is no user: they know events only.
        journey = self.get(line.user_id or line.event_id)
        if not journey:
            if not line.user_id:
                return
            journey = self._journeys[line.user_id] = Journey(line.user_id)
        journey.meet(line.event_id)
        journey.trace_id = journey.trace_id or line.trace_id
        for step in steps:
            journey.take(step)
        while len(self._journeys) > self._capacity:
            self._journeys.popitem(last=False)
        self._tell(journey)

    def open_link(self, event_id: str) -> None:
        """Take note that somebody has opened, in the inbox, the link that the event's mail holds."""
        if journey := self.get(event_id):
            journey.open_link(by="inbox", at=self._now())
            self._tell(journey)

    def join(self) -> None:
        """
        Make one journey of a user's and of the requests for a link to the same address, once both addresses are known.

        Until then nothing joins them: the subject of a request is random, and no log line has an address.
        """
        known = {comparable(each.email): each for each in self._journeys.values() if not each.is_of_requests_only}
        for journey in [each for each in self._journeys.values() if each.email and each.is_of_requests_only]:
            first = known.setdefault(comparable(journey.email), journey)
            if first is not journey:
                first.absorb(journey)
                del self._journeys[journey.user_id]
                self._tell(first)

    def put_back(self, ids: Collection[str], *, reason: str) -> None:
        """Take note that the deliveries with these ids were put back, and of what they wait for."""
        for journey in self._journeys.values():
            if journey.put_back(ids, at=self._now(), reason=reason):
                self._tell(journey)

    def end(self) -> None:
        """Tell the watchers that nothing more will come."""
        for watcher in self._watchers:
            watcher.end()

    def get(self, an_id: str) -> Journey | None:
        """That of a user, of the subject of a request, or of an event."""
        everyone = self._journeys.values()
        found = self._journeys.get(an_id)
        return found or next((each for each in everyone if an_id in each.events or an_id in each.former_ids), None)

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
