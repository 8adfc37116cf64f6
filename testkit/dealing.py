"""The order of the tests of a run that several workers share."""

import os

import pytest

# What takes many seconds of CPU to start, and one worker is enough for.
_MADE_ONCE = {"deployed", "whole_stack", "lasting_stack"}


def deal(items: list[pytest.Item]) -> None:
    """
    Have each worker begin with what takes long: at the end one would be left alone with it.

    The workers begin with equal parts of the list, and whoever is done steals from the end of another's part. What is
    made once is the first worker's; the longest of all else are dealt to the others.
    """
    longest_first = sorted(items, key=lambda item: (-_seconds_allowed(item), not item.get_closest_marker("exhaustive")))
    made_once, others = list[pytest.Item](), list[pytest.Item]()
    for item in longest_first:
        shares = isinstance(item, pytest.Function) and not _MADE_ONCE.isdisjoint(item.fixturenames)
        (made_once if shares else others).append(item)
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    part = len(items) // workers
    dealt = [others[start :: workers - 1] for start in range(workers - 1)]
    items[:] = (
        [
            *made_once,
            *(item for hand in dealt for item in hand[part:]),
            *(item for hand in dealt for item in hand[:part]),
        ]
        if dealt
        else [*made_once, *others]
    )


def _seconds_allowed(item: pytest.Item) -> float:
    """Where a test asks for more than the default."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0
