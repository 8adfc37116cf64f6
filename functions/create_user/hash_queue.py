"""A bounded queue in front of the hashes: who would wait too long is told at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import TypeVar

from .registration import OverloadedError

T = TypeVar("T")


def typical_hash_seconds(rounds: int) -> float:
    """How long a hash of bcrypt takes on one CPU, as measured for deploy/README.md; each round more doubles it."""
    return 0.05 * 2.0 ** (rounds - 10)


class HashQueue:
    """
    Lets `parallel` hashes run at once, in their order of arrival, and refuses one that would wait too long.

    The expected wait follows from how many wait already and how long the last hash took; before the first one,
    `typical_hash_seconds` stands for that, so that a burst at a cold start is bounded too.
    """

    def __init__(self, *, parallel: int, longest_wait_seconds: float, typical_hash_seconds: float) -> None:
        self._parallel = parallel
        self._longest_wait_seconds = longest_wait_seconds
        self._hash_seconds = typical_hash_seconds
        self._workers = ThreadPoolExecutor(parallel)  # a semaphore would let newcomers overtake
        self._lock = Lock()
        self._present = 0

    def run(self, hashing: Callable[[], T]) -> T:
        """
        Wait for a turn, and return what `hashing` returns.

        Raises:
            OverloadedError: The wait is expected to be longer than the longest.
        """
        with self._lock:
            ahead = max(self._present - self._parallel + 1, 0)
            expected_wait_seconds = ahead / self._parallel * self._hash_seconds
            if expected_wait_seconds > self._longest_wait_seconds:
                raise OverloadedError(expected_wait_seconds)
            turn = self._workers.submit(self._timed, hashing)
            self._present += 1  # after what may fail
        try:
            return turn.result()
        finally:
            with self._lock:
                self._present -= 1

    def _timed(self, hashing: Callable[[], T]) -> T:
        started = monotonic()
        hashed = hashing()
        self._hash_seconds = monotonic() - started
        return hashed
