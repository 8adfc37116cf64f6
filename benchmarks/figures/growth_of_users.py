"""What a sign-up costs with more users stored: flat, for nothing is searched and no index grows with time."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from time import sleep

from google.cloud.firestore import Client

from benchmarks.figure import Figure, Plot, Row, ratios, spread
from benchmarks.hashing import hashing
from benchmarks.load import REST_SECONDS, signing_up, timed
from benchmarks.stored import store_users
from benchmarks.world import PEERS, World
from testkit.project import emulators_of

ROUNDS = 10
TOLERANCE = 0.1


def measure(world: World) -> Figure:
    sizes, blocks, each = [1000, 10_000, 100_000], 9, 20
    overheads: dict[int, list[float]] = {size: [] for size in sizes}
    with ExitStack() as ending:
        works = {size: signing_up(_with_users(world, size, ending)) for size in sizes}
        for work in works.values():
            for _ in range(20):
                work()
        for _ in range(blocks):
            hashes, sign_ups = _block(works, each)
            for size, seconds in sign_ups.items():
                overheads[size].append(seconds - hashes)
    shares = ratios(overheads[sizes[-1]], overheads[sizes[0]])
    return Figure(
        rows=[
            Row(
                f"overhead of a sign-up with {sizes[-1]:,} users",
                spread(overheads[sizes[-1]], "ms", scale=1e3, digits=1),
                f"{spread(shares)} of it with {sizes[0]:,}",
                f"at most {1 + TOLERANCE}",
                median(shares) <= 1 + TOLERANCE,
            )
        ],
        raw={"overhead_seconds": {str(size): values for size, values in overheads.items()}},
        plots=[
            Plot(
                "growth",
                "Overhead of a sign-up by users stored",
                "users, logarithmic",
                "ms",
                {"usher": [(size, median(values) * 1e3) for size, values in overheads.items()]},
                logarithmic=True,
            )
        ],
    )


def _block(works: dict[int, Callable[[], object]], each: int) -> tuple[float, dict[int, float]]:
    """The median of hashes, and of each size's sign-ups; they take turns in an order that changes."""
    turns = {0: hashing(ROUNDS), **works}
    seconds: dict[int, list[float]] = {size: [] for size in turns}
    for _ in range(each):
        for size in random.sample([*turns], len(turns)):
            seconds[size].append(timed(turns[size]))
            sleep(REST_SECONDS)
    hashes = median(seconds.pop(0))
    return hashes, {size: median(values) for size, values in seconds.items()}


def _with_users(world: World, size: int, ending: ExitStack) -> str:
    """The URL of a create_user whose project has so many."""
    project = world.new_project()
    with emulators_of(world.stack):
        store_users(Client(project=project), size)
    return ending.enter_context(world.serving("create_user", PEERS["usher"], project=project)).url
