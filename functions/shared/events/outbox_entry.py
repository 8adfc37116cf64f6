"""An event as the outbox holds it, whatever its encoding will be."""

from dataclasses import asdict
from typing import Any

from shared.contract.outbox_entry import TYPE
from shared.events.event import Event


def entry_of(event: Event) -> dict[str, Any]:
    """The fields of an event's entry."""
    return asdict(event) | {TYPE: event.type}
