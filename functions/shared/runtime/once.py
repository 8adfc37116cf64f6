"""Builds a thing once for all threads."""

from collections.abc import Callable
from functools import cache, wraps
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


def once(build: Callable[[], T]) -> Callable[[], T]:
    """Like functools.cache, which would build it several times for several threads at once."""
    lock = Lock()
    built = cache(build)

    @wraps(build)
    def the_one() -> T:
        with lock:
            return built()

    return the_one
