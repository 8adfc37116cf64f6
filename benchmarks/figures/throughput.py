"""Sign-ups per second when there are more than can be hashed, against the quickstart and the same hashes alone."""

import os
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from statistics import median

from benchmarks.capacity import sign_ups_per_second
from benchmarks.figure import Figure, Plot, Row, percentile, ratios, spread
from benchmarks.hashing import hashing
from benchmarks.load import Load, run, signing_up
from benchmarks.world import PEERS, World

CORES = os.cpu_count() or 1
ROUNDS, MODELLED_ROUNDS = 10, 12
MODELLED_CLIENTS = 8
_HASHES = "bcrypt", CORES
Loads = dict[tuple[str, int], list[Load]]  # by peer and clients


def measure(world: World) -> Figure:
    if world.quick:
        loads = _take_turns(world, ROUNDS, [*PEERS], times={8: 16, 24: 24}, turns=1)
        return Figure(rows=[*rate_rows(loads)], raw={})
    loads = _take_turns(world, ROUNDS, [*PEERS], times={8: 40, 24: 48, 64: 80}, turns=4)
    modelled = _take_turns(world, MODELLED_ROUNDS, ["usher"], times={MODELLED_CLIENTS: 16}, turns=2)
    return Figure(
        rows=[*rate_rows(loads), _p99_row(loads), _modelled_row(modelled)],
        raw={f"cost {rounds}": _raw(each) for rounds, each in ((ROUNDS, loads), (MODELLED_ROUNDS, modelled))},
        plots=[
            Plot(
                f"throughput-{ROUNDS}",
                f"Sign-ups at cost {ROUNDS} as a share of the hashes alone on all cores",
                "clients",
                "share",
                {peer: [(many, median(_shares(loads, peer, many))) for many in _clients(loads)] for peer in PEERS},
            )
        ],
        notes=_model_checked(loads, modelled),
    )


def _take_turns(world: World, rounds: int, peers: Sequence[str], *, times: Mapping[int, int], turns: int) -> Loads:
    """With each number of clients, so many sign-ups at each of the peers, and as many hashes as with the fewest."""
    settings = {"BCRYPT_ROUNDS": str(rounds), "HASH_QUEUE_SECONDS": "11"}
    loads: Loads = defaultdict(list)
    with ExitStack() as running:
        works = {}
        for peer in peers:
            serving = world.serving("create_user", PEERS[peer], project=world.new_project(), **settings)
            works[peer] = signing_up(running.enter_context(serving).url)
            run(works[peer], clients=max(times), times=max(times))  # opens the connections
        for _ in range(turns):
            loads[_HASHES].append(run(hashing(rounds), clients=CORES, times=min(times.values())))
            for clients, many in times.items():
                for peer in random.sample(peers, len(peers)):
                    loads[peer, clients].append(run(works[peer], clients=clients, times=many))
    return loads


def rate_rows(loads: Loads) -> Iterator[Row]:
    for clients in _clients(loads):
        usher, quickstart = (_rates(loads[peer, clients]) for peer in PEERS)
        shares = ratios(usher, quickstart)
        yield Row(
            f"sign-ups a second at cost {ROUNDS}, {clients} clients",
            spread(usher, digits=1),
            f"{spread(shares)} of the quickstart's {median(quickstart):.1f}; "
            f"{median(_shares(loads, 'usher', clients)):.2f} of the hashes alone",
            "at least 1",
            median(shares) >= 1,
        )


def _p99_row(loads: Loads) -> Row:
    p99 = {
        key: percentile([seconds for load in taken for seconds in load.latencies], 99) for key, taken in loads.items()
    }
    shares = {clients: p99["usher", clients] / p99["quickstart", clients] for clients in _clients(loads)}
    worst = max(shares, key=shares.__getitem__)
    return Row(
        f"p99 of a sign-up under load, cost {ROUNDS}, {worst} clients",
        f"{p99['usher', worst] * 1e3:.0f} ms",
        f"{shares[worst]:.2f} of the quickstart's",
        "at most 1",
        shares[worst] <= 1,
        slowest=True,
    )


def _modelled_row(loads: Loads) -> Row:
    return Row(
        f"sign-ups a second at cost {MODELLED_ROUNDS}, {MODELLED_CLIENTS} clients",
        spread(_rates(loads["usher", MODELLED_CLIENTS]), digits=1),
        f"{spread(_shares(loads, 'usher', MODELLED_CLIENTS))} of the hashes alone",
    )


def _model_checked(loads: Loads, modelled: Loads) -> str:
    """What capacity.md's model makes of the times at cost 10 for cost 12, and what was measured there."""
    hash_seconds, sign_up_seconds = (CORES / _rate(loads, peer) for peer in ("bcrypt", "usher"))
    other_seconds = sign_up_seconds - hash_seconds
    predicted = sign_ups_per_second(
        CORES, MODELLED_ROUNDS, hash_seconds_at_10=hash_seconds, other_cpu_seconds=other_seconds
    )
    return (
        f"The model of [capacity.md](capacity.md#the-model), given what was measured at cost {ROUNDS} (a hash "
        f"{hash_seconds * 1e3:.1f} ms, all else {other_seconds * 1e3:.1f} ms of CPU time), predicts "
        f"{predicted:.2f} sign-ups per second at cost {MODELLED_ROUNDS}; measured were {_rate(modelled, 'usher'):.2f}."
    )


def _rate(loads: Loads, name: str) -> float:
    return median(rate for (peer, _), taken in loads.items() if peer == name for rate in _rates(taken))


def _rates(taken: Sequence[Load]) -> list[float]:
    return [load.per_second for load in taken]


def _clients(loads: Loads) -> list[int]:
    return [clients for peer, clients in loads if peer == "usher"]


def _shares(loads: Loads, peer: str, clients: int) -> list[float]:
    """Of the hashes per second without any server."""
    return ratios(_rates(loads[peer, clients]), _rates(loads[_HASHES]))


def _raw(loads: Loads) -> dict[str, list[dict[str, object]]]:
    return {
        f"{peer}, {clients} clients": [
            {"elapsed_seconds": load.elapsed_seconds, "latencies": load.latencies} for load in taken
        ]
        for (peer, clients), taken in loads.items()
    }
