"""An event as the outbox holds it, whatever its encoding will be."""

from typing import Any
from uuid import uuid4

from shared.contract.outbox_entry import PUT_ID, TYPE
from shared.events.event import Event


def entry_of(event: Event) -> dict[str, Any]:
    """The fields of a new entry of the event."""
    return vars(event) | {TYPE: event.type, PUT_ID: uuid4().hex}
