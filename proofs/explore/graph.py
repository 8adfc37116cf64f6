"""Numbers the states of a graph without cycles, and counts the ways through it."""

from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Numbered(Generic[T]):
    """Gives equal values one number."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        number = self._numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


def executions(edges: Sequence[int], edges_from: Sequence[int]) -> int:
    """How many ways lead from the first state to one without a next: the graph has no cycles."""
    bounds = [*edges_from, len(edges)]
    waiting = [0] * len(edges_from)
    for number in edges:
        waiting[number] += 1
    ways, ready, ends = [1] + [0] * (len(edges_from) - 1), [0], 0
    while ready:
        at = ready.pop()
        if bounds[at] == bounds[at + 1]:
            ends += ways[at]
        for number in edges[bounds[at] : bounds[at + 1]]:
            ways[number] += ways[at]
            waiting[number] -= 1
            if not waiting[number]:
                ready.append(number)
    return ends
