"""A subscriber that delivers one event, on a clock that tests move."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from shared.deliveries.deliver_once import Lease, deliver_once
from shared.deliveries.delivery import Attempt, Delivery
from testkit import fakes
from testkit.builders import NOW, a_user_created

LEASE = Lease(seconds=45, act_seconds=30)
EVENT = a_user_created()
AFTER_THE_LEASE = timedelta(seconds=45)


@dataclass
class Subscriber:
    """
    One subscriber; `acted` counts what the world saw, `claimed_at` is what its acts were told.

    `time` is the store's, `clock_ahead` the difference of the clock of whoever is pushed to.
    """

    deliveries: fakes.Deliveries = field(default_factory=fakes.Deliveries)
    time: datetime = NOW
    clock_ahead: timedelta = timedelta()
    acted: int = 0
    claimed_at: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deliveries.clock = self._seconds

    def _seconds(self) -> float:
        return (self.time - NOW).total_seconds()

    def push(self, act: Callable[[], None] = lambda: None) -> None:
        def counted(attempt: Attempt) -> None:
            self.claimed_at.append(attempt.claimed_at)
            act()
            self.acted += 1

        deliver_once(
            EVENT,
            counted,
            effect="mail",
            deliveries=self.deliveries,
            lease=LEASE,
            now=lambda: self.time + self.clock_ahead,
        )

    def record(self) -> Delivery:
        return self.deliveries.records[EVENT.event_id][0]


def raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def crash_while_holding(subscriber: Subscriber) -> None:
    with pytest.raises(ZeroDivisionError):
        subscriber.push(raising(ZeroDivisionError()))


def lose_replies(subscriber: Subscriber, count: int) -> None:
    subscriber.deliveries.lost_replies = count
