"""What a run leaves out of the tests that it was asked for."""

from collections.abc import Collection

import pytest

from shared.broker.settings import Broker


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about Pub/Sub where the suite runs on another broker, and samples of what it does in full."""
    if config.getoption("broker") is not Broker.PUBSUB:
        _deselect(config, items, [item for item in items if item.get_closest_marker("pubsub")])
    in_full = {item.path for item in items if item.get_closest_marker("exhaustive")}
    _deselect(config, items, [item for item in items if item.get_closest_marker("sample") and item.path in in_full])


def _deselect(config: pytest.Config, items: list[pytest.Item], unwanted: Collection[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=unwanted)
    items[:] = [item for item in items if item not in unwanted]
