"""The backlog of a deployment: events waiting to be pushed, as dead letters or in the outbox."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.cloud import Cloud
from deploy.deployment import Deployment

_LOOK_EVERY_SECONDS = 10


@dataclass(frozen=True)
class Backlog:
    """
    How many events are waiting in each subscription, None where Cloud Monitoring does not know yet; and the outbox.

    `oldest_in_outbox` is as `Cloud` knows it.
    """

    subscriptions: Mapping[str, int | None]
    outbox: int
    oldest_in_outbox: datetime | None

    def is_waiting(self) -> bool:
        """Whether some event is known to be waiting."""
        return self.outbox > 0 or any(self.subscriptions.values())

    def is_known(self) -> bool:
        return None not in self.subscriptions.values()

    def lines(self, dead_letters: str) -> list[str]:
        named = {
            f"dead letters ({name})" if name == dead_letters else name: n for name, n in self.subscriptions.items()
        }
        return [
            *[f"  {name}: {'not yet known' if count is None else count}" for name, count in named.items()],
            f"  outbox: {self.outbox}"
            + (f", the oldest of {self.oldest_in_outbox:%Y-%m-%d %H:%M:%S %Z}" if self.oldest_in_outbox else ""),
        ]


def read_backlog(
    deployment: Deployment, cloud: Cloud, there: Collection[str], *, not_before: datetime | None = None
) -> Backlog:
    """Look once, at the subscriptions that are `there`. Counts from before `not_before` count as unknown."""
    names = [f.subscription for f in deployment.topology.subscribers().values() if f.subscription]
    names.append(deployment.topology.events.dead_letter_subscription)
    undelivered = cloud.undelivered(datetime.now(UTC))
    known = {name: one.events for name, one in undelivered.items() if not not_before or one.as_of >= not_before}
    return Backlog({name: known.get(name) for name in names if name in there}, cloud.outbox(), cloud.oldest_in_outbox())


def once_known(look: Callable[[], Backlog], *, patience_seconds: float) -> Backlog:
    """Look until everything is known or the time is up."""
    deadline = time.monotonic() + patience_seconds
    while not (seen := look()).is_known() and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_SECONDS)
    return seen
