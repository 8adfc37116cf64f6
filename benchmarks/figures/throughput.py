"""Sign-ups per second when there are more than can be hashed, against the same hashes on all cores without a server."""

import os
from collections import defaultdict
from itertools import product
from statistics import median

from benchmarks.capacity import sign_ups_per_second
from benchmarks.figure import Figure, Plot, Row, percentile, ratios, spread
from benchmarks.hashing import hashing
from benchmarks.load import Load, run, signing_up
from benchmarks.world import PEERS, World

CORES = os.cpu_count() or 1
TARGETS = {10: 0.92, 12: 0.97}
_BCRYPT = "bcrypt", CORES
Loads = dict[tuple[str, int], list[Load]]  # by peer and clients


def measure(world: World) -> Figure:
    plan = {10: ([64], 96, 1)} if world.quick else {10: ([8, 24, 64], 96, 3), 12: ([8], 32, 2)}
    measured = {
        rounds: _take_turns(world, rounds, clients=clients, times=times, turns=turns)
        for rounds, (clients, times, turns) in plan.items()
    }
    return Figure(
        rows=[row for rounds, loads in measured.items() for row in _rows(rounds, loads)],
        raw={
            f"cost {rounds}": {
                f"{peer}, {clients} clients": [
                    {"elapsed_seconds": load.elapsed_seconds, "latencies": load.latencies} for load in loads
                ]
                for (peer, clients), loads in taken.items()
            }
            for rounds, taken in measured.items()
        },
        plots=[_plot(rounds, loads) for rounds, loads in measured.items() if len(_clients(loads)) > 1],
        notes=_model_checked(measured) if 12 in measured else "",
    )


def _model_checked(measured: dict[int, Loads]) -> str:
    """What capacity.md's model makes of the times at cost 10 for cost 12, and what was measured there."""
    hash_seconds, sign_up_seconds = (CORES / _rate(measured[10], peer) for peer in ("bcrypt", "usher"))
    other_seconds = sign_up_seconds - hash_seconds
    predicted = sign_ups_per_second(CORES, 12, hash_seconds_at_10=hash_seconds, other_cpu_seconds=other_seconds)
    return (
        "The model of [capacity.md](capacity.md#the-model), given what was measured at cost 10 (a hash "
        f"{hash_seconds * 1e3:.1f} ms, all else {other_seconds * 1e3:.1f} ms of CPU time), predicts "
        f"{predicted:.2f} sign-ups per second at cost 12; measured were {_rate(measured[12], 'usher'):.2f}."
    )


def _rate(loads: Loads, name: str) -> float:
    return median(load.per_second for (peer, _), taken in loads.items() if peer == name for load in taken)


def _take_turns(world: World, rounds: int, *, clients: list[int], times: int, turns: int) -> Loads:
    loads: Loads = defaultdict(list)
    settings = {"BCRYPT_ROUNDS": str(rounds), "HASH_QUEUE_SECONDS": "11"}
    with (
        world.serving("create_user", PEERS["usher"], project=world.new_project(), **settings) as usher,
        world.serving("create_user", PEERS["quickstart"], project=world.new_project(), **settings) as quickstart,
    ):
        works = {"usher": signing_up(usher.url), "quickstart": signing_up(quickstart.url)}
        for work in works.values():
            run(work, clients=max(clients), times=max(clients))
        for _ in range(turns):
            loads[_BCRYPT].append(run(hashing(rounds), clients=CORES, times=times))
            for many, (name, work) in product(clients, works.items()):
                loads[name, many].append(run(work, clients=many, times=times))
    return loads


def _rows(rounds: int, loads: Loads) -> list[Row]:
    shares = {peer: {clients: _shares(loads, peer, clients) for clients in _clients(loads)} for peer in PEERS}
    worst = min(_clients(loads), key=lambda clients: median(shares["usher"][clients]))
    p99 = {
        peer: {clients: percentile([s for load in loads[peer, clients] for s in load.latencies], 99) for clients in of}
        for peer, of in shares.items()
    }
    slowest = max(_clients(loads), key=lambda clients: p99["usher"][clients] / p99["quickstart"][clients])
    return [
        Row(
            f"sign-ups a second at cost {rounds}, {worst} clients",
            spread([load.per_second for load in loads["usher", worst]], digits=1),
            f"{spread(shares['usher'][worst])} of the hashes alone; quickstart {spread(shares['quickstart'][worst])}",
            f"at least {TARGETS[rounds]}",
            median(shares["usher"][worst]) >= TARGETS[rounds],
        ),
        Row(
            f"p99 of a sign-up under load, cost {rounds}, {slowest} clients",
            f"{p99['usher'][slowest] * 1e3:.0f} ms",
            f"{p99['usher'][slowest] / p99['quickstart'][slowest]:.2f} of the quickstart's",
            "at most 1",
            p99["usher"][slowest] <= p99["quickstart"][slowest],
            slowest=True,
        ),
    ]


def _clients(loads: Loads) -> list[int]:
    return sorted({clients for peer, clients in loads if peer in PEERS})


def _shares(loads: Loads, peer: str, clients: int) -> list[float]:
    """Of the hashes per second without any server."""
    rates, limits = ([load.per_second for load in loads[key]] for key in ((peer, clients), _BCRYPT))
    return ratios(rates, limits)


def _plot(rounds: int, loads: Loads) -> Plot:
    return Plot(
        f"throughput-{rounds}",
        f"Sign-ups at cost {rounds} as a share of the hashes alone on all cores",
        "clients",
        "share",
        {peer: [(clients, median(_shares(loads, peer, clients))) for clients in _clients(loads)] for peer in PEERS},
    )
