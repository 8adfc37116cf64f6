"""What the stack consists of, and how each part is doing."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class State(StrEnum):
    """How a part is doing. Its value is what GET /api/status shows."""

    STARTING = "starting"
    READY = "ready"
    NOT_RESPONDING = "not responding"
    RESTARTING = "restarting"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass
class Part:
    """One part of the stack. `name` is for people, `address` is where it answers, `pid` its process here, if any."""

    name: str
    address: str
    state: State = State.STARTING
    pid: int | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def enter(self, state: State) -> None:
        self.state = state
        if state is State.READY:
            self.ready.set()
        else:
            self.ready.clear()


@dataclass(frozen=True)
class StackStatus:
    """Every part by its key."""

    parts: Mapping[str, Part]

    @property
    def ready(self) -> bool:
        return all(part.state is State.READY for part in self.parts.values())
