"""A bounded queue in front of the hashes: who would wait too long is told at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore
from time import monotonic

from .registration import OverloadedError


class HashQueue:
    """
    Lets `parallel` hashes run at once, and refuses one whose expected wait exceeds `longest_wait_seconds`.

    The expected wait follows from how many wait already and how long the last hash took.
    """

    def __init__(self, *, parallel: int, longest_wait_seconds: float) -> None:
        self._parallel = parallel
        self._longest_wait_seconds = longest_wait_seconds
        self._running = Semaphore(parallel)
        self._lock = Lock()
        self._present = 0
        self._last_hash_seconds = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """
        Wait for a turn.

        Raises:
            OverloadedError: The wait is expected to be too long.
        """
        with self._lock:
            ahead = max(self._present - self._parallel + 1, 0)
            if ahead / self._parallel * self._last_hash_seconds > self._longest_wait_seconds:
                raise OverloadedError
            self._present += 1
        try:
            with self._running:
                started = monotonic()
                yield
                self._last_hash_seconds = monotonic() - started
        finally:
            with self._lock:
                self._present -= 1
