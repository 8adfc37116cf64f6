"""Refuses what would lose an event or send a mail twice: the settings of the pushes, and the lease."""

import re
from collections.abc import Iterator, Mapping

from blueprint.topology import Topology, Trigger


def mail_losing_faults(topology: Topology, settings: Mapping[str, object]) -> Iterator[str]:
    """Faults in topology.toml, or in a lease that was set."""
    push = topology.push
    if not (topology.events.dead_letter_topic and topology.events.dead_letter_subscription):
        yield "events: without a dead-letter topic and its subscription, events that are given up are lost"
    if not 5 <= push.max_delivery_attempts <= 100:  # noqa: PLR2004  Pub/Sub's own bounds
        yield "push.max_delivery_attempts must be between 5 and 100: a push without retries loses mail"
    if not 0 < push.minimum_backoff_seconds <= push.maximum_backoff_seconds <= 600:  # noqa: PLR2004  Pub/Sub's bound
        yield "push: 0 < minimum_backoff_seconds <= maximum_backoff_seconds <= 600 must hold"
    for name, function in topology.functions.items():
        if function.trigger is Trigger.SCHEDULE and function.every_seconds not in range(60, 3601, 60):
            yield f"{name}: every_seconds must be a whole number of minutes, between 1 and 60"
    written = str(settings.get("LEASE_SECONDS", push.lease_seconds))
    if not re.fullmatch(r"\d+(\.\d+)?", written):
        yield "LEASE_SECONDS is not a number"
        return
    lease = float(written)
    for name, subscriber in topology.subscribers().items():
        if not lease < subscriber.timeout_seconds < push.ack_deadline_seconds:
            yield (
                f"{name}: lease ({lease:g} s) < timeout ({subscriber.timeout_seconds} s) < ack deadline "
                f"({push.ack_deadline_seconds} s) must hold, or a second attempt starts while the first is running"
            )
