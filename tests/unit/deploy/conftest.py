"""A clock on which waiting takes no time; a Cloud Run and a create_user without a network."""

from dataclasses import dataclass, field

import pytest

from tests.unit.deploy.fake_cloud_run import FakeCloudRun
from tests.unit.deploy.fake_usher import FakeUsher


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
