"""What a sign-up costs on top of its hash: one client, no queue."""

import json
from collections.abc import Sequence
from functools import partial
from statistics import mean, median

from benchmarks.bare_calls import bare_calls
from benchmarks.figure import Figure, Plot, Row, distribution, percentile, ratios, spread
from benchmarks.hashing import hashing
from benchmarks.load import WARM_UP, in_turns, signing_up, timed
from benchmarks.world import EMPTY, PEERS, World
from shared.contract.log_events import LogEvent

ROUNDS = 10
OF_THE_LIMIT, OF_THE_QUICKSTART = 1.25, 0.5
_BEFORE = "usher, cleared before the response"  # as in the cloud


def measure(world: World) -> Figure:
    blocks, each = (2, 6) if world.quick else (7, 15)
    with (
        world.serving("create_user", PEERS["usher"], project=world.new_project()) as usher,
        world.serving(
            "create_user", PEERS["usher"], project=world.new_project(), CLEAR_OUTBOX="before"
        ) as clearing_before,
        world.serving("create_user", PEERS["quickstart"], project=world.new_project()) as quickstart,
        world.serving("create_user", EMPTY, project=world.new_project()) as empty,
    ):
        limits = {
            "empty function": signing_up(empty.url),
            **bare_calls(world.new_project(), world.stack.emulator_hosts, times=WARM_UP + blocks * each),
        }
        works = {
            "usher": signing_up(usher.url),
            _BEFORE: signing_up(clearing_before.url),
            "quickstart": signing_up(quickstart.url),
            "bcrypt": hashing(ROUNDS),
            **limits,
        }
        seconds = in_turns({name: partial(timed, work) for name, work in works.items()}, blocks=blocks, each=each)
        lines = [json.loads(line) for line in usher.log_lines() if f'"{LogEvent.USER_REGISTERED}"' in line]

    hashes = [median(times) for times in seconds["bcrypt"]]
    beside_hash = {
        name: [[value - hashed for value in times] for times, hashed in zip(seconds[name], hashes, strict=True)]
        for name in ("usher", _BEFORE, "quickstart")
    }
    overheads = {name: [median(times) for times in of_blocks] for name, of_blocks in beside_hash.items()}
    p99 = {name: percentile(_pooled(of_blocks), 99) for name, of_blocks in beside_hash.items()}
    alone = {name: [median(times) for times in seconds[name]] for name in limits}
    together = [sum(times) for times in zip(*alone.values(), strict=True)]
    return Figure(
        rows=[
            overhead_row(overheads["usher"], limit=together, quickstart=overheads["quickstart"]),
            Row(
                "the same, cleared before the response",
                _milliseconds(overheads[_BEFORE]),
                f"{spread(ratios(overheads[_BEFORE], overheads['quickstart']))} of the quickstart's",
            ),
            Row(
                "the limit of that: " + ", ".join(f"{name} {median(times) * 1e3:.1f}" for name, times in alone.items()),
                _milliseconds(together),
                f"{spread(ratios(together, overheads['quickstart']))} of the quickstart's",
            ),
            Row(
                f"overhead of a sign-up, p99 of {blocks * each}",
                f"{p99['usher'] * 1e3:.1f} ms",
                f"{p99['usher'] / p99['quickstart']:.2f} of the quickstart's {p99['quickstart'] * 1e3:.1f} ms",
                "at most 1",
                p99["usher"] <= p99["quickstart"],
                slowest=True,
            ),
        ],
        raw={"seconds": seconds, "steps": lines},
        plots=[
            Plot(
                "latency",
                "A sign-up at cost 10, one client",
                "ms",
                "% of sign-ups at most this long",
                {name: distribution(_pooled(of_blocks), scale=1e3) for name, of_blocks in seconds.items()},
            )
        ],
        notes=_profile(lines),
    )


def overhead_row(usher: Sequence[float], *, limit: Sequence[float], quickstart: Sequence[float]) -> Row:
    """From seconds, block by block."""
    of_limit, of_quickstart = ratios(usher, limit), ratios(usher, quickstart)
    return Row(
        "overhead of a sign-up, p50",
        _milliseconds(usher),
        f"{spread(of_limit)} of the limit; "
        f"{spread(of_quickstart)} of the quickstart's {median(quickstart) * 1e3:.1f} ms",
        f"at most {OF_THE_LIMIT}; below {OF_THE_QUICKSTART}",
        median(of_limit) <= OF_THE_LIMIT and median(of_quickstart) < OF_THE_QUICKSTART,
    )


def _pooled(blocks: Sequence[Sequence[float]]) -> list[float]:
    return [value for block in blocks for value in block]


def _milliseconds(seconds: Sequence[float]) -> str:
    return spread(seconds, "ms", scale=1e3, digits=1)


def _profile(lines: list[dict[str, float]]) -> str:
    steps = ("hash_ms", "store_ms", "publish_ms", "latency_ms")
    return "Usher's own log says of these sign-ups: " + ", ".join(
        f"{step.removesuffix('_ms')} {mean(line[step] for line in lines):.1f} ms" for step in steps
    )
