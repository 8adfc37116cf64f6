"""Ports that nothing listens on, and that nobody else who asks is given before they are bound."""

import os
import random
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle
from threading import Lock

from emulator.processes.ports import is_free

# Below those that the system gives to nobody in particular: each worker of a test run draws from a part of its own.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PARTS = 8


def _turns(ports: range) -> Iterator[int]:
    """The worker's part of the ports over and over: one that was given comes again only after all others."""
    part = list(ports[_WORKER % _PARTS :: _PARTS])
    random.shuffle(part)
    return cycle(part)


_turn = Lock()
_single = _turns(range(10000, 20000))
_bases = _turns(range(20000, 32000, 10))


def free_port() -> int:
    """A port that the system gives to nobody who asks for any."""
    return _next(_single, is_free)


def free_base_port() -> int:
    """A port with nine free ones after it."""
    return _next(_bases, lambda base: all(is_free(port) for port in range(base, base + 10)))


def _next(ports: Iterable[int], is_usable: Callable[[int], bool]) -> int:
    with _turn:
        return next(port for port in ports if is_usable(port))
