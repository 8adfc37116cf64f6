"""
The simulated Pub/Sub at production's own waits, in no time: the clock jumps ahead wherever everything waits.

send_email and its mail provider are replaced by the provider's limit and the measured time of a mail.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from selectors import SelectorKey, SelectSelector

from blueprint.topology import read_topology
from shared.events.event import Event, EventId
from testkit.push_subscription import PushSubscription
from testkit.rate_limited_smtp import TokenBucket


@dataclass(frozen=True)
class Traffic:
    """What a backlog has left: mails, each with the seconds since the start, and how often the provider refused."""

    subscription: PushSubscription
    mails: list[tuple[EventId, float]]
    refused: int


def drain_model(
    backlog: Sequence[Event], *, places: int, rate: float, burst: int, refusal_seconds: float, mail_seconds: float
) -> Traffic:
    """Drain it where a refused push takes `refusal_seconds` and one that becomes a mail `mail_seconds`."""
    mails: list[tuple[EventId, float]] = []
    refused = 0

    async def drain() -> PushSubscription:
        clock = asyncio.get_running_loop().time
        bucket = TokenBucket(rate, burst, clock)

        async def push(event: Event) -> int:
            nonlocal refused
            await asyncio.sleep(refusal_seconds)
            if not bucket.takes_one():
                refused += 1
                return 503
            await asyncio.sleep(mail_seconds - refusal_seconds)
            mails.append((event.event_id, clock()))
            return 200

        subscription = PushSubscription(push, read_topology().push, places=places, faster=1)
        await subscription.drain(backlog)
        return subscription

    with asyncio.Runner(loop_factory=_JumpingLoop) as runner:
        subscription = runner.run(drain())
    return Traffic(subscription, mails, refused)


class _JumpingClock(SelectSelector):
    """Waits for nothing: the time that it was to wait has passed."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class _JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _JumpingClock()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now
