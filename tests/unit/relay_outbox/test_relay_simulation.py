"""A run of the relay in virtual time, on a broker that is slow with a share of the publishes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Self, TypeVar

import pytest

from relay_outbox.relay import relay_outbox
from shared.broker.publisher import PublisherUnavailableError
from shared.events.event import Event
from shared.outbox.outbox import Entry
from testkit.builders import NOW, a_user_created
from testkit.fakes import Outbox

T = TypeVar("T")
SLOW_SECONDS, FAST_SECONDS, CLEARING_SECONDS, READING_SECONDS = 1.0, 0.02, 0.01, 0.05
BUDGET_SECONDS = 30  # of each minute
PEAK_PER_SECOND = 116  # ten times a million sign-ups a day: docs/capacity.md


class Clock:
    seconds = 0.0


@dataclass
class VirtualPool:
    """Each task begins when the first of the workers is free. It is run once its result is waited for."""

    clock: Clock
    workers: int

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(self, task: Callable[[Entry], T], entries: Sequence[Entry]) -> Iterator[T]:
        free_at = [self.clock.seconds] * self.workers
        for entry in entries:
            self.clock.seconds = min(free_at)
            free_at.remove(self.clock.seconds)
            result = task(entry)
            free_at.append(self.clock.seconds)
            yield result
        self.clock.seconds = max(free_at)


@dataclass
class SlowPublisher:
    clock: Clock
    slow_share: float
    random: Random = field(default_factory=lambda: Random(1))  # noqa: S311  it must be repeatable
    asked: int = 0

    def publish(self, _event: Event) -> None:
        self.asked += 1
        slow = self.random.random() < self.slow_share
        self.clock.seconds += SLOW_SECONDS if slow else FAST_SECONDS
        if slow:
            raise PublisherUnavailableError


@dataclass
class TimedOutbox(Outbox):
    clock: Clock = field(default_factory=Clock)

    def pages(self) -> Iterator[Sequence[Entry]]:
        for page in super().pages():
            self.clock.seconds += READING_SECONDS
            yield page

    def clear(self, entry: Entry) -> None:
        self.clock.seconds += CLEARING_SECONDS
        super().clear(entry)


@dataclass
class Run:
    relayed: int
    asked: int
    seconds: float


def run(slow_share: float, monkeypatch: pytest.MonkeyPatch) -> Run:
    clock = Clock()
    monkeypatch.setattr("relay_outbox.relay.monotonic", lambda: clock.seconds)
    monkeypatch.setattr("relay_outbox.relay.ThreadPoolExecutor", lambda workers: VirtualPool(clock, workers))
    events = [a_user_created(occurred_at=NOW - timedelta(minutes=1)) for _ in range(10_000)]
    outbox = TimedOutbox(page_size=500, clock=clock)
    for event in events:
        outbox.put(event)
    publisher = SlowPublisher(clock, slow_share)
    report = relay_outbox(outbox, publisher, grace=timedelta(), budget_seconds=BUDGET_SECONDS, now=lambda: NOW)
    assert report.relayed == len(events) - len(outbox.entries)
    return Run(report.relayed, publisher.asked, clock.seconds)


@pytest.mark.parametrize("slow_share", [0.001, 0.01, 0.05])
def test_relay_drains_more_than_it_is_fed_at_the_peak(slow_share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    of_a_minute = run(slow_share, monkeypatch)

    assert of_a_minute.relayed > 6 * slow_share * PEAK_PER_SECOND * 60
    assert of_a_minute.seconds < BUDGET_SECONDS + 2 * SLOW_SECONDS


def test_relay_that_is_never_acknowledged_stops_after_eight_events(monkeypatch: pytest.MonkeyPatch) -> None:
    of_a_minute = run(1, monkeypatch)

    assert (of_a_minute.relayed, of_a_minute.asked) == (0, 8)
    assert of_a_minute.seconds < 2 * SLOW_SECONDS
