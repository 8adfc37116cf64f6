"""A bounded queue in front of the hashes: a request that would wait too long is rejected immediately."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

from .registration import OverloadedError

HASHES_PER_CPU = 2  # with one, its CPU idles while the thread waits for Python's lock: docs/performance.md

T = TypeVar("T")


def hash_cpu_seconds(rounds: int) -> float:
    """CPU time of one hash of bcrypt, as measured for docs/capacity.md; each round more doubles it."""
    return 0.05 * 2.0 ** (rounds - 10)


def busy_hash_seconds(rounds: int) -> float:
    """How long a hash takes in a full house, where all that may run at once share the CPUs."""
    return HASHES_PER_CPU * hash_cpu_seconds(rounds)


class HashQueue:
    """
    Lets `parallel` hashes run at once, in their order of arrival, and refuses one that would wait too long.

    The expected wait follows from the queue's length and how long the last hash took at full load, where they
    share the CPUs; before the first, `expected_hash_seconds` is used, so that every burst is bounded.
    """

    def __init__(self, *, parallel: int, longest_wait_seconds: float, expected_hash_seconds: float) -> None:
        self._parallel = parallel
        self._longest_wait_seconds = longest_wait_seconds
        self._hash_seconds = expected_hash_seconds
        self._lock = threading.Lock()
        self._running = 0
        self._turns: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many are waiting for a turn."""
        return len(self._turns)

    def run(self, hashing: Callable[[], T]) -> T:
        """
        Wait for a turn, and return what `hashing` returns. It runs on the caller's thread, which stays on its core.

        Raises:
            OverloadedError: The wait is expected to be longer than the longest.
        """
        with self._turn():
            full = self._running == self._parallel
            started = monotonic()
            hashed = hashing()
            if full:
                self._hash_seconds = monotonic() - started
            return hashed

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Passed to the thread that has waited longest: a semaphore would let newcomers overtake."""
        with self._lock:
            turn = self._take_or_wait()
        turn.wait()
        try:
            yield
        finally:
            with self._lock:
                if self._turns:
                    self._turns.popleft().set()
                else:
                    self._running -= 1

    def _take_or_wait(self) -> threading.Event:
        turn = threading.Event()
        if self._running < self._parallel:
            self._running += 1
            turn.set()
            return turn
        expected_wait_seconds = (self.waiting + 1) / self._parallel * self._hash_seconds
        if expected_wait_seconds > self._longest_wait_seconds:
            raise OverloadedError(expected_wait_seconds)
        self._turns.append(turn)
        return turn
