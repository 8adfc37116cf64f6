"""Pushes per second that send_email handles, against a function that does nothing under the same server."""

from collections import defaultdict
from statistics import median

from benchmarks.figure import Figure, Row, ratios, spread
from benchmarks.load import Load, pushing, run
from benchmarks.mail_sink import mail_sink
from benchmarks.world import EMPTY, PEERS, World

CLIENTS = 8
TARGET = 0.4


def measure(world: World) -> Figure:
    turns, times = (2, 100) if world.quick else (4, 300)
    loads: dict[str, list[Load]] = defaultdict(list)
    with (
        mail_sink() as smtp_port,
        world.serving("send_email", PEERS["usher"], project=world.new_project(), SMTP_PORT=smtp_port) as usher,
        world.serving("send_email", EMPTY, project=world.new_project()) as empty,
    ):
        works = {"usher": pushing(usher.url), "empty": pushing(empty.url)}
        for work in works.values():
            run(work, clients=CLIENTS, times=100)
        for _ in range(turns):
            for name, work in works.items():
                loads[name].append(run(work, clients=CLIENTS, times=times))
    rates = {name: [load.per_second for load in taken] for name, taken in loads.items()}
    shares = ratios(rates["usher"], rates["empty"])
    return Figure(
        rows=[
            Row(
                f"send_email, pushes a second, {CLIENTS} clients",
                spread(rates["usher"], digits=0),
                f"{spread(shares)} of an empty function's {spread(rates['empty'], digits=0)}",
                f"at least {TARGET}",
                median(shares) >= TARGET,
            )
        ],
        raw={"pushes a second": rates},
    )
