"""A clock on which waiting takes no time, and a project with nothing in it."""

from dataclasses import dataclass, field

import pytest

from tests.deploy.fake_google.routing import TO_BE_ENABLED
from tests.deploy.fake_google.state import State
from tests.unit.deploy.fake_answers import FakeAnswers
from tests.unit.deploy.plans import PROJECT


@dataclass
class Clock:
    """Stands for the module `time`; `pauses` are those that were slept through."""

    pauses: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("deploy.walk.time", clock)
    monkeypatch.setattr("deploy.backlog.time", clock)
    return clock


@pytest.fixture
def google() -> FakeAnswers:
    """A project with nothing in it, whose APIs are on."""
    return FakeAnswers(State(PROJECT, apis=set(TO_BE_ENABLED)))
