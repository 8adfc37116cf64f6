"""What is waiting in a deployment: pushes, dead letters, the outbox."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from blueprint.gcloud import Command
from deploy.cloud import Cloud
from deploy.deployment import Deployment

_LOOK_EVERY_SECONDS = 10


@dataclass(frozen=True)
class WhatWaits:
    """
    How many events are waiting in each subscription, None where Cloud Monitoring does not know yet; and the outbox.

    `oldest_in_outbox` is as `Cloud` knows it.
    """

    subscriptions: Mapping[str, int | None]
    outbox: int
    oldest_in_outbox: datetime | None

    def is_nothing(self) -> bool:
        return self.outbox == 0 and all(count == 0 for count in self.subscriptions.values())

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


def what_waits(
    deployment: Deployment,
    cloud: Cloud,
    run: Callable[[Command, str | None], str],
    *,
    now: datetime,
    not_before: datetime | None = None,
) -> WhatWaits:
    """Look. Counts from before `not_before` count as unknown."""
    names = [f.subscription for f in deployment.topology.subscribers().values() if f.subscription]
    names.append(deployment.topology.events.dead_letter_subscription)
    there = run(deployment.gcloud("pubsub subscriptions list --format='value(name.basename())'"), None).split()
    waiting = cloud.waiting(now)
    known = {name: one.events for name, one in waiting.items() if not not_before or one.as_of >= not_before}
    return WhatWaits(
        {name: known.get(name) for name in names if name in there}, cloud.outbox(), cloud.oldest_in_outbox()
    )


def once_known(look: Callable[[], WhatWaits], *, patience_seconds: float) -> WhatWaits:
    """Look until everything is known or the time is up."""
    deadline = time.monotonic() + patience_seconds
    while not (seen := look()).is_known() and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_SECONDS)
    return seen
