"""What a sign-up costs with more users stored: flat, for nothing is searched and no index grows with time."""

from contextlib import ExitStack
from functools import partial
from statistics import median

from google.cloud.firestore import Client

from benchmarks.figure import Figure, Row, ratios, spread
from benchmarks.hashing import hashing
from benchmarks.load import in_turns, signing_up, timed
from benchmarks.stored import store_users
from benchmarks.world import PEERS, World
from testkit.project import emulators_of

ROUNDS = 10
FEW, MANY = 400, 20_000
TOLERANCE = 0.1


def measure(world: World) -> Figure:
    with ExitStack() as ending:
        works = {str(size): signing_up(_with_users(world, size, ending)) for size in (FEW, MANY)}
        works["bcrypt"] = hashing(ROUNDS)
        seconds = in_turns({name: partial(timed, work) for name, work in works.items()}, blocks=6, each=12)
    hashes = seconds.pop("bcrypt")
    few, many = (
        [median(times) - median(hashed) for times, hashed in zip(blocks, hashes, strict=True)]
        for blocks in seconds.values()
    )
    shares = ratios(many, few)
    return Figure(
        rows=[
            Row(
                f"overhead of a sign-up with {MANY:,} users",
                spread(many, "ms", scale=1e3, digits=1),
                f"{spread(shares)} of it with {FEW:,}",
                f"at most {1 + TOLERANCE}",
                median(shares) <= 1 + TOLERANCE,
            )
        ],
        raw={"overhead_seconds": {str(FEW): few, str(MANY): many}},
    )


def _with_users(world: World, size: int, ending: ExitStack) -> str:
    """The URL of a create_user whose project has so many."""
    project = world.new_project()
    with emulators_of(world.stack):
        store_users(Client(project=project), size)
    return ending.enter_context(world.serving("create_user", PEERS["usher"], project=project)).url
