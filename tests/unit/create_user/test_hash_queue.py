from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event, Lock

import pytest

from create_user.hash_queue import HashQueue
from create_user.registration import OverloadedError
from testkit.polling import eventually


class Hashes:
    """Takes turns in threads; each turn lasts until `finish`."""

    def __init__(self, queue: HashQueue, pool: ThreadPoolExecutor) -> None:
        self._queue = queue
        self._pool = pool
        self._finished = Event()
        self._lock = Lock()
        self.running = 0
        self.most_running = 0

    def start(self, count: int) -> list[Future[None]]:
        return [self._pool.submit(self._queue.run, self._hash) for _ in range(count)]

    def finish(self) -> None:
        self._finished.set()

    def _hash(self) -> None:
        self._count(+1)
        self._finished.wait(5)
        self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self.running += change
            self.most_running = max(self.running, self.most_running)


@contextmanager
def hashes(queue: HashQueue) -> Iterator[Hashes]:
    with ThreadPoolExecutor(10) as pool:
        started = Hashes(queue, pool)
        try:
            yield started
        finally:
            started.finish()


def a_queue(*, parallel: int = 1, longest_wait_seconds: float = 10, expected_hash_seconds: float = 0.05) -> HashQueue:
    return HashQueue(
        parallel=parallel, longest_wait_seconds=longest_wait_seconds, expected_hash_seconds=expected_hash_seconds
    )


def let_last_hash_take(seconds: float, queue: HashQueue) -> None:
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("create_user.hash_queue.monotonic", iter([0.0, seconds]).__next__)
        queue.run(int)


def refusals(turns: list[Future[None]]) -> int:
    return sum(turn.done() and isinstance(turn.exception(), OverloadedError) for turn in turns)


def test_no_more_than_the_parallel_number_run_at_once() -> None:
    with hashes(a_queue(parallel=2)) as running:
        turns = running.start(10)
        assert eventually(lambda: running.running == 2)
        running.finish()

        assert [turn.result(5) for turn in turns] == [None] * 10
        assert running.most_running == 2


def test_who_is_expected_to_wait_too_long_is_refused_at_once() -> None:
    queue = a_queue(longest_wait_seconds=2)
    let_last_hash_take(2, queue)

    with hashes(queue) as running:
        turns = running.start(6)

        # one runs; one waits for 2 s; the next would wait for 4
        assert eventually(lambda: refusals(turns) == 4)
        assert not [turn for turn in turns if turn.done() and not turn.exception()]


def test_nobody_is_refused_while_there_is_room() -> None:
    queue = a_queue(parallel=2, longest_wait_seconds=0)
    let_last_hash_take(60, queue)

    with hashes(queue) as running:
        running.start(2)

        assert eventually(lambda: running.running == 2)


def test_burst_before_the_first_hash_is_bounded_by_what_a_hash_typically_takes() -> None:
    queue = a_queue(parallel=2, longest_wait_seconds=1, expected_hash_seconds=2)

    with hashes(queue) as running:
        turns = running.start(6)

        assert eventually(lambda: refusals(turns) == 3)


def test_hash_that_had_the_machine_to_itself_says_nothing_of_a_burst() -> None:
    queue = a_queue(parallel=2, longest_wait_seconds=1, expected_hash_seconds=2)
    let_last_hash_take(0.1, queue)

    with hashes(queue) as running:
        turns = running.start(6)

        assert eventually(lambda: refusals(turns) == 3)


def test_refusal_tells_the_expected_wait() -> None:
    queue = a_queue(longest_wait_seconds=0, expected_hash_seconds=3)

    with hashes(queue) as running:
        running.start(1)
        assert eventually(lambda: running.running)
        with pytest.raises(OverloadedError) as refusal:
            queue.run(int)

    assert refusal.value.expected_wait_seconds == 3


def test_refused_hash_takes_no_place() -> None:
    queue = a_queue(longest_wait_seconds=0, expected_hash_seconds=1)

    with hashes(queue) as running:
        turns = running.start(6)
        assert eventually(lambda: refusals(turns) == 5)

    queue.run(int)


def test_place_is_given_back_after_an_exception() -> None:
    queue = a_queue(longest_wait_seconds=0, expected_hash_seconds=1)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            queue.run(lambda: 1 // 0)

    queue.run(int)


def test_turns_are_taken_in_order_of_arrival() -> None:
    queue = a_queue()
    order: list[int] = []

    with hashes(queue) as running, ThreadPoolExecutor(5) as pool:
        running.start(1)
        assert eventually(lambda: running.running)
        for number in range(5):
            pool.submit(queue.run, partial(order.append, number))
            assert eventually(lambda: queue.waiting == number + 1)  # noqa: B023  it is called at once
        running.finish()

    assert order == [0, 1, 2, 3, 4]
