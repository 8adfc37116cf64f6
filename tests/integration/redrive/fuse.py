"""Lets something happen at one of a redrive's side effects; it is killed there, for instance."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from operations.redrive.system import System

T = TypeVar("T")
_EFFECTS = ("commit", "publish", "acknowledge")


class KilledError(Exception):
    """The redrive ends here, whatever it was about to do."""


def kill() -> None:
    raise KilledError


@dataclass
class Fuse:
    """Calls `before` and `after` around the side effect of the number `at`; counts them all."""

    at: int = 0
    before: Callable[[], object] = lambda: None
    after: Callable[[], object] = lambda: None
    effects: int = 0

    def system(self, real: System) -> System:
        """The same system, behind the fuse."""
        return replace(
            real,
            firestore=cast("Any", _Fused(real.firestore, self)),
            broker=cast("Any", _Fused(real.broker, self)),
        )

    def carry(self, effect: Callable[[], T]) -> T:
        self.effects += 1
        burns = self.effects == self.at
        if burns:
            self.before()
        result = effect()
        if burns:
            self.after()
        return result


class _Fused:
    def __init__(self, client: Any, fuse: Fuse) -> None:
        self._client = client
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        if name in _EFFECTS:
            return lambda *args, **named: self._fuse.carry(lambda: attribute(*args, **named))
        if name == "batch":
            return lambda: _Fused(attribute(), self._fuse)
        return attribute
