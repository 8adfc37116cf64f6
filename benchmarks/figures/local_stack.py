"""`make run` with everything in place: how soon it is ready, and how much memory each part takes."""

from collections import defaultdict
from statistics import median
from time import perf_counter

import psutil

from benchmarks.figure import Figure, Row, spread
from blueprint.topology import read_topology
from testkit.stack import LocalStack

TARGET_SECONDS = 3
TARGET_MIB = 90
_FUNCTIONS = {function.target for function in read_topology().functions.values()}


def measure(*, quick: bool) -> Figure:
    """Alone on the machine: what a second stack has in common with it would count as half."""
    starts = 1 if quick else 5
    seconds: list[float] = []
    mib: dict[str, list[float]] = defaultdict(list)
    for _ in range(starts):
        started = perf_counter()
        with LocalStack.running() as stack:
            seconds.append(perf_counter() - started)
            for part, size in _memory(stack.process.pid).items():
                mib[part].append(size)
    largest = max(_FUNCTIONS, key=lambda name: median(mib[name]))
    return Figure(
        rows=[
            Row(
                "local stack, start to ready",
                spread(seconds, "s"),
                "",
                f"under {TARGET_SECONDS} s",
                median(seconds) < TARGET_SECONDS,
            ),
            Row(
                f"local stack, memory of the largest function, {largest}",
                spread(mib[largest], "MiB", digits=0),
                "",
                f"at most {TARGET_MIB} MiB",
                median(mib[largest]) <= TARGET_MIB,
            ),
        ],
        raw={"seconds": seconds, "mib": mib},
        notes="Memory (PSS) of the local stack's parts: "
        + ", ".join(f"{part} {median(sizes):.0f} MiB" for part, sizes in mib.items()),
    )


def _memory(pid: int) -> dict[str, float]:
    mib: dict[str, float] = defaultdict(float)
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        mib[_part(process.cmdline())] += process.memory_full_info().pss / 2**20
    return dict(mib)


def _part(command: list[str]) -> str:
    if "--target" in command:
        return command[command.index("--target") + 1]
    words = " ".join(command)
    return next((name for name in ("firestore", "pubsub") if name in words), "the stack itself")
