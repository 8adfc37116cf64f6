"""A clock on which waiting takes no time; a Cloud Run, a create_user and a project without a network."""

from dataclasses import dataclass, field

import pytest

from tests.deploy.fake_google.routing import TO_BE_ENABLED
from tests.deploy.fake_google.state import State
from tests.unit.deploy.fake_answers import FakeAnswers
from tests.unit.deploy.fake_cloud_run import FakeCloudRun
from tests.unit.deploy.fake_usher import FakeUsher
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
    for module in ("walk", "backlog", "answering", "canary"):
        monkeypatch.setattr(f"deploy.{module}.time", clock)
    return clock


@pytest.fixture
def cloud() -> FakeCloudRun:
    return FakeCloudRun()


@pytest.fixture
def usher() -> FakeUsher:
    return FakeUsher()


@pytest.fixture
def google() -> FakeAnswers:
    """A project with nothing in it, whose APIs are on."""
    return FakeAnswers(State(PROJECT, apis=set(TO_BE_ENABLED)))


@pytest.fixture
def steps_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """`up` carries out its steps: no function is started here before, and nobody is asked whether one answers."""
    monkeypatch.setattr("deploy.up.rehearse", lambda _deployment: [])
    monkeypatch.setattr("deploy.up._staged", lambda deployment, **_: deployment)
    monkeypatch.setattr("deploy.up.silence_of", lambda *_all, **_more: "")
