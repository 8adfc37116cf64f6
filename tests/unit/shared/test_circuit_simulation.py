"""An instance's sign-ups in virtual time, on a broker that is slow with a share of the publishes."""

from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

import pytest

from shared.broker.circuit_breaker import Circuit

TIMEOUT_SECONDS, FAST_SECONDS = 1.0, 0.02
SIGN_UPS = 50_000
# An instance that is alone, one at its peak, and five such in one: docs/capacity.md.
PER_SECOND = (0.5, 9.5, 50)


@dataclass(frozen=True)
class Outcome:
    left_share: float
    asked: int
    seconds: float


class Instance:
    """Each sign-up publishes on a thread of its own and waits for that."""

    def __init__(self, slow_share: float, per_second: float) -> None:
        self._slow_share = slow_share
        self._per_second = per_second
        self._random = Random(1)  # noqa: S311  it must be repeatable
        self._seconds = 0.0
        self._under_way: list[tuple[float, bool]] = []
        self._circuit = Circuit(lambda: self._seconds)

    def run(self) -> Outcome:
        asked = left = 0
        for _ in range(SIGN_UPS):
            self._pass_until(self._seconds + self._random.expovariate(self._per_second))
            if not self._circuit.admits():
                left += 1
                continue
            slow = self._random.random() < self._slow_share
            asked += 1
            left += slow
            heappush(self._under_way, (self._seconds + (TIMEOUT_SECONDS if slow else FAST_SECONDS), slow))
        return Outcome(left / SIGN_UPS, asked, self._seconds)

    def _pass_until(self, seconds: float) -> None:
        while self._under_way and self._under_way[0][0] <= seconds:
            self._seconds, slow = heappop(self._under_way)
            if slow:
                self._circuit.failed()
            else:
                self._circuit.succeeded()
        self._seconds = seconds


@pytest.mark.parametrize("per_second", PER_SECOND)
@pytest.mark.parametrize("slow_share", [0.001, 0.01, 0.05, 0.2])
def test_slow_publishes_leave_themselves_to_the_relay_and_no_others(slow_share: float, per_second: float) -> None:
    assert Instance(slow_share, per_second).run().left_share < 1.15 * slow_share


@pytest.mark.parametrize("per_second", PER_SECOND)
def test_broker_that_is_down_is_asked_once_per_pause_besides_what_came_before_that_was_known(per_second: float) -> None:
    outcome = Instance(1, per_second).run()

    came_before = 5 + 2 * per_second * TIMEOUT_SECONDS  # until five have failed; on average half of that
    assert outcome.left_share == 1
    assert outcome.asked <= came_before + outcome.seconds / 5
