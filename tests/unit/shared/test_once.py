from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from shared.runtime.once import once


def test_threads_that_ask_at_once_get_one_and_the_same() -> None:
    together = Barrier(8)
    built = []

    @once
    def thing() -> object:
        built.append(1)
        return object()

    def ask() -> object:
        together.wait()
        return thing()

    with ThreadPoolExecutor(8) as pool:
        things = list(pool.map(lambda _: ask(), range(8)))

    assert len(set(things)) == len(built) == 1
