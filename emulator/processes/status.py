"""What the stack consists of, and how each part is doing."""

import asyncio
import time
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
    """
    One part of the stack. `name` is for people, `address` is where it answers, `pid` its process here, if any.

    `since` is when it entered its state, in seconds of Unix time.
    """

    name: str
    address: str
    state: State = State.STARTING
    pid: int | None = None
    since: float = field(default_factory=time.time)
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def enter(self, state: State) -> None:
        if state is not self.state:
            self.state, self.since = state, time.time()
        if state is State.READY:
            self.ready.set()
        else:
            self.ready.clear()


@dataclass(frozen=True)
class Destination:
    """
    Where messages are sent: `server` is a mail server's host:port or the URL of an SMS service.

    One that is not `local` is not on this machine: its messages reach real people. The `inbox` is this stack's own.
    """

    server: str
    local: bool
    inbox: bool


@dataclass(frozen=True)
class StackStatus:
    """Every part by its key, and where `mail` and `sms` go."""

    parts: Mapping[str, Part]
    destinations: Mapping[str, Destination] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        return all(part.state is State.READY for part in self.parts.values())
