"""What is explored, as one process sees it that meets no fault."""

from collections.abc import Iterator
from contextlib import contextmanager

from proofs.explore import world
from proofs.explore.replay import Call, Told, answered_by


@contextmanager
def one_world() -> Iterator[None]:
    """Inside, calls are answered by a world of their own, the usual way."""
    stored = world.World()

    def tell(_: int, call: Call) -> Told:
        nonlocal stored
        outcome = world.outcomes(call, stored)[0]
        stored = outcome.stored
        return outcome.told

    with answered_by(tell):
        yield
