"""What a run does without: stand-ins for pytest's own objects."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self, cast

import pytest

from shared.broker.settings import Broker
from testkit.selection import select


@dataclass
class Config:
    broker: Broker = Broker.PUBSUB
    deselected: list[object] = field(default_factory=list)

    def getoption(self, name: str) -> object:
        return getattr(self, name)

    @property
    def hook(self) -> Self:
        return self

    def pytest_deselected(self, items: Sequence[object]) -> None:
        self.deselected += items


@dataclass(frozen=True)
class Item:
    path: str
    mark: str = ""

    def get_closest_marker(self, name: str) -> str | None:
        return self.mark if self.mark == name else None


def selected(config: Config, items: list[Item]) -> list[Item]:
    left: list[Any] = [*items]
    select(cast("pytest.Config", config), left)
    assert {*left, *config.deselected} == {*items}
    return left


PLAIN, SAMPLE, IN_FULL = Item("a"), Item("a", "sample"), Item("a", "exhaustive")


def test_sample_is_left_out_where_its_file_is_exhausted_and_there_alone() -> None:
    elsewhere = Item("b", "sample")

    assert selected(Config(), [PLAIN, SAMPLE, IN_FULL, elsewhere]) == [PLAIN, IN_FULL, elsewhere]
    assert selected(Config(), [PLAIN, SAMPLE]) == [PLAIN, SAMPLE]


def test_what_is_about_pubsub_runs_on_pubsub_alone() -> None:
    about_pubsub = Item("a", "pubsub")

    assert selected(Config(), [PLAIN, about_pubsub]) == [PLAIN, about_pubsub]
    assert selected(Config(Broker.NATS), [PLAIN, about_pubsub]) == [PLAIN]
