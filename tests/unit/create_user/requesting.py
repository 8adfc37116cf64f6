"""A service that takes requests to sign up, on the fakes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from create_user.sign_up_requests import request_sign_up
from shared.events.event import Event, UserId
from shared.outbox.outbox import Entry
from testkit.builders import NOW, TRACEPARENT, a_stored_user, a_user_created
from testkit.fake_requests import Requests
from testkit.fakes import Users

FREE, TAKEN = "ewan@example.com", "Owen@example.com"


@dataclass
class Recorded:
    """A port that tells which of its methods were called."""

    port: Any
    calls: list[str]

    def __getattr__(self, name: str) -> Callable[..., object]:
        self.calls.append(name)
        method: Callable[..., object] = getattr(self.port, name)
        return method


@dataclass
class Service:
    """Takes requests on a clock of its own; TAKEN is held by a user whose id is `holder`."""

    time: datetime = NOW
    published: list[Event] = field(default_factory=list)
    stored_when_published: list[bool] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.users = Users(clock=lambda: self.time)
        self.requests = Requests(self.users)
        self.holder = self.add_user(TAKEN)

    def request(self, address: str) -> list[Event]:
        """The events that it leads to."""
        before = len(self.published)
        recorded: Any = Recorded(self.requests, self.calls)
        request_sign_up(address, requests=recorded, publish=self._publish, traceparent=TRACEPARENT)
        return self.published[before:]

    def add_user(self, email: str) -> UserId:
        user = a_stored_user(email=email)
        self.users.add(user, a_user_created())
        return user.user.id

    def _publish(self, entry: Entry) -> None:
        self.calls.append("publish")
        self.published.append(entry.event)
        self.stored_when_published.append(entry in self.users.outbox.entries.values())
