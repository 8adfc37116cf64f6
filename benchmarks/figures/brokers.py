"""The brokers in turns: how soon each has stored an event."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure, Row, percentile, ratios, spread
from benchmarks.load import in_turns, timed
from benchmarks.world import World
from testkit.brokers.running_broker import RunningBroker
from testkit.brokers.running_nats import RunningNats
from testkit.nats_server import NatsServer
from testkit.project import emulators_of
from testkit.pushing import an_event

PUBSUB, NATS = "Pub/Sub", "NATS"
_SYNCING = "NATS that syncs each event"


def measure(world: World) -> Figure:
    event = an_event()
    with emulators_of(world.stack), running_nats() as nats, running_nats("jetstream { sync_interval: always }") as slow:
        brokers: dict[str, RunningBroker] = {PUBSUB: world.stack.broker, NATS: nats, _SYNCING: slow}
        works = {
            name: partial(timed, partial(broker.publisher(world.new_project()).publish, event))
            for name, broker in brokers.items()
        }
        blocks, each = (3, 10) if world.quick else (5, 25)
        seconds = in_turns(works, blocks=blocks, each=each)
    return Figure(rows=[*rows_of_brokers("publish", seconds, digits=2)], raw={"publish": seconds})


@contextmanager
def running_nats(configuration: str = "") -> Iterator[RunningNats]:
    with ExitStack() as running:
        logs = Path(running.enter_context(TemporaryDirectory()))
        server = running.enter_context(NatsServer.running())
        server.kill()
        server.start(configuration)
        broker = RunningNats(server.url, logs)
        running.callback(broker.close)
        yield broker


def rows_of_brokers(figure: str, seconds: Mapping[str, list[list[float]]], *, digits: int) -> Iterator[Row]:
    """Of brokers against the Pub/Sub emulator, from seconds by broker, block by block."""
    medians = {name: [median(block) for block in blocks] for name, blocks in seconds.items()}
    p99 = {name: percentile([value for block in blocks for value in block], 99) for name, blocks in seconds.items()}
    emulator = medians.pop(PUBSUB)
    of_the_emulator = f"of the Pub/Sub emulator's {spread(emulator, 'ms', scale=1e3, digits=digits)}"
    for name, values in medians.items():
        yield Row(
            f"{figure} on {name}, p50",
            spread(values, "ms", scale=1e3, digits=digits),
            f"{spread(ratios(values, emulator))} {of_the_emulator}",
        )
    for name in medians:
        yield Row(
            f"{figure} on {name}, p99 of {sum(map(len, seconds[name]))}",
            f"{p99[name] * 1e3:.{digits}f} ms",
            f"{p99[name] / p99[PUBSUB]:.2f} of the Pub/Sub emulator's {p99[PUBSUB] * 1e3:.{digits}f} ms",
            slowest=True,
        )
