"""`make run` with everything in place: how soon it is ready, and how much memory each part takes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from time import perf_counter

import psutil

from benchmarks.figure import Figure, Row, ratios, spread
from blueprint.topology import read_topology
from shared.broker.settings import Broker
from testkit.stack import LocalStack

TARGET_SECONDS = 3
TARGET_MIB = 90
_IN_WORDS = {Broker.PUBSUB: "on the Pub/Sub emulator", Broker.NATS: "on NATS"}
_SERVERS = ("firestore", "pubsub", "nats-server", "pusher")
_FUNCTIONS = {function.target for function in read_topology().functions.values()}


def measure(*, quick: bool) -> Figure:
    """Alone on the machine: what a second stack has in common with it would count as half."""
    starts = 1 if quick else 2
    seconds: dict[Broker, list[float]] = defaultdict(list)
    mib: dict[Broker, dict[str, list[float]]] = {broker: defaultdict(list) for broker in Broker}
    for _ in range(starts):
        for broker in Broker:
            started = perf_counter()
            with LocalStack.running({"EVENT_BROKER": broker}) as stack:
                seconds[broker].append(perf_counter() - started)
                for part, size in _memory(stack.process.pid).items():
                    mib[broker][part].append(size)
    own = mib[Broker.PUBSUB]
    largest = max(_FUNCTIONS, key=lambda name: median(own[name]))
    return Figure(
        rows=[
            Row(
                "local stack, start to ready",
                spread(seconds[Broker.PUBSUB], "s"),
                "",
                f"under {TARGET_SECONDS} s",
                median(seconds[Broker.PUBSUB]) < TARGET_SECONDS,
            ),
            Row(
                "local stack on NATS, start to ready",
                spread(seconds[Broker.NATS], "s"),
                f"{spread(ratios(seconds[Broker.NATS], seconds[Broker.PUBSUB]))} of it on the Pub/Sub emulator",
            ),
            Row(
                f"local stack, memory of the largest function, {largest}",
                spread(own[largest], "MiB", digits=0),
                "",
                f"at most {TARGET_MIB} MiB",
                median(own[largest]) <= TARGET_MIB,
            ),
            _memory_of_nats(mib),
        ],
        raw={"seconds": seconds, "mib": mib},
        notes="; ".join(
            f"Memory (PSS) of the local stack's parts, {_IN_WORDS[broker]}: "
            + ", ".join(f"{part} {median(sizes):.0f} MiB" for part, sizes in parts.items())
            for broker, parts in mib.items()
        ),
    )


def _memory_of_nats(mib: Mapping[Broker, Mapping[str, Sequence[float]]]) -> Row:
    server, emulator = mib[Broker.NATS]["nats-server"], mib[Broker.PUBSUB]["pubsub"]
    pusher = spread(mib[Broker.NATS]["pusher"], "MiB", digits=0)
    return Row(
        "local stack, memory of the NATS server",
        spread(server, "MiB", digits=0),
        f"{spread(ratios(server, emulator))} of the emulator's; the pusher {pusher} more",
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
    return next((name for name in _SERVERS if name in words), "the stack itself")
