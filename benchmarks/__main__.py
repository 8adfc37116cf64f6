"""`python -m benchmarks [--quick] [FIGURE ...]`: measure, show the table; a whole run writes docs/benchmarks.md."""

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from time import perf_counter
from typing import TypeVar

from rich.console import Console

from benchmarks import report
from benchmarks.figures import (
    bots,
    brokers,
    cold_start,
    event_to_mail,
    growth_of_queues,
    growth_of_users,
    hostile_sign_ups,
    local_stack,
    overhead,
    send_email,
    taken_or_free,
    throughput,
)
from benchmarks.shown import shown
from benchmarks.world import World

T = TypeVar("T")
_ALONE = {"local_stack": local_stack.measure}
_IN_A_WORLD = {
    "overhead": overhead.measure,
    "throughput": throughput.measure,
    "cold_start": cold_start.measure,
    "event_to_mail": event_to_mail.measure,
    "brokers": brokers.measure,
    "send_email": send_email.measure,
    "hostile_sign_ups": hostile_sign_ups.measure,
    "bots": bots.measure,
    "taken_or_free": taken_or_free.measure,
    "growth_of_users": growth_of_users.measure,
    "growth_of_queues": growth_of_queues.measure,
}
_FIGURES = [*_IN_A_WORLD, *_ALONE]
_SLOW = {"bots", "taken_or_free", "growth_of_users", "growth_of_queues"}  # what few samples say nothing about


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help=f"a rough minute without {', '.join(sorted(_SLOW))}; writes nothing"
    )
    parser.add_argument("figures", nargs="*", choices=[*_FIGURES, []], metavar="FIGURE", help=", ".join(_FIGURES))
    arguments = parser.parse_args()
    names = arguments.figures or [name for name in _FIGURES if not (arguments.quick and name in _SLOW)]
    started = perf_counter()
    measured = {
        name: _told(name, partial(measure, quick=arguments.quick)) for name, measure in _ALONE.items() if name in names
    }
    in_a_world = [name for name in names if name in _IN_A_WORLD]
    if in_a_world:
        with ExitStack() as running:
            world = _told("the emulators", lambda: running.enter_context(World.running(quick=arguments.quick)))
            measured |= {name: _told(name, partial(_IN_A_WORLD[name], world)) for name in in_a_world}
    figures = {name: measured[name] for name in names}
    seconds = perf_counter() - started
    Console(highlight=False).print(*shown(figures, quick=arguments.quick, seconds=seconds), sep="\n")
    if names == _FIGURES and not arguments.quick:
        report.write(figures, minutes=seconds / 60)


def _told(name: str, work: Callable[[], T]) -> T:
    """What the work results in; prints how long that takes."""
    print(f"{name} ...", end="", file=sys.stderr, flush=True)
    started = perf_counter()
    result = work()
    print(f" {perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return result


if __name__ == "__main__":
    main()
