"""The push subscription that tests and benchmarks drive: it must not lose what it is to show that nobody loses."""

import asyncio
from collections import Counter

import pytest

from blueprint.topology import Push
from shared.events.event import Event, EventId
from testkit.builders import a_user_created
from testkit.push_subscription import PushSubscription

POLICY = Push(
    ack_deadline_seconds=60,
    minimum_backoff_seconds=10,
    maximum_backoff_seconds=600,
    max_delivery_attempts=5,
    retention_days=31,
    lease_seconds=45,
)
EVENTS = [a_user_created() for _ in range(20)]


class Endpoint:
    """Refuses each event's first pushes, and remembers how many it worked on at once."""

    def __init__(self, refusals: int, *, seconds: float = 0) -> None:
        self._refusals = refusals
        self._seconds = seconds
        self._pushes: Counter[EventId] = Counter()
        self._at_once = 0
        self.most_at_once = 0

    async def push(self, event: Event) -> int:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(self._seconds)
        self._at_once -= 1
        self._pushes[event.event_id] += 1
        return 503 if self._pushes[event.event_id] <= self._refusals else 200


def drained(endpoint: Endpoint, *, places: int = 100, queue_seconds: float = 10) -> PushSubscription:
    async def drain() -> PushSubscription:
        subscription = PushSubscription(
            endpoint.push, POLICY, places=places, faster=100_000, queue_seconds=queue_seconds
        )
        await subscription.drain(EVENTS)
        return subscription

    return asyncio.run(drain())


@pytest.mark.parametrize(("refusals", "attempts", "dead"), [(0, 1, []), (4, 5, []), (5, 5, EVENTS)])
def test_event_is_pushed_until_it_is_acknowledged_or_a_dead_letter(
    refusals: int, attempts: int, dead: list[Event]
) -> None:
    subscription = drained(Endpoint(refusals))

    assert set(subscription.attempts.values()) == {attempts}
    assert Counter(subscription.dead_letters) == Counter(dead)


def test_function_never_works_on_more_than_its_places() -> None:
    endpoint = Endpoint(0, seconds=0.01)

    drained(endpoint, places=3)

    assert endpoint.most_at_once == 3


def test_push_that_finds_no_place_in_time_is_turned_away_and_comes_again() -> None:
    subscription = drained(Endpoint(0, seconds=0.01), places=1, queue_seconds=0.0001)

    assert subscription.turned_away > 0
    assert max(subscription.attempts.values()) > 1
