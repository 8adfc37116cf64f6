"""`python -m benchmarks [--quick] [FIGURE ...]`: measure, print the table; a whole run writes docs/benchmarks.md."""

import argparse
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks import report
from benchmarks.figures import (
    cold_start,
    event_to_mail,
    growth_of_queues,
    growth_of_users,
    local_stack,
    overhead,
    send_email,
    throughput,
)
from benchmarks.world import World

_FIGURES = {
    "overhead": overhead.measure,
    "throughput": throughput.measure,
    "cold_start": cold_start.measure,
    "event_to_mail": event_to_mail.measure,
    "send_email": send_email.measure,
    "growth_of_users": growth_of_users.measure,
    "growth_of_queues": growth_of_queues.measure,
    "local_stack": local_stack.measure,
}
_SLOW = {"growth_of_users", "growth_of_queues"}  # what takes minutes by its nature


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute, rough, without growth, and writes nothing")
    parser.add_argument("figures", nargs="*", choices=[*_FIGURES, []], metavar="FIGURE", help=", ".join(_FIGURES))
    arguments = parser.parse_args()
    names = arguments.figures or [name for name in _FIGURES if not (arguments.quick and name in _SLOW)]
    started = perf_counter()
    figures = {}
    with tempfile.TemporaryDirectory() as folder, World.running(Path(folder), quick=arguments.quick) as world:
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures[name] = _FIGURES[name](world)
    print("\n".join(report.table(figures)))
    if names == list(_FIGURES) and not arguments.quick:
        report.write(figures, minutes=(perf_counter() - started) / 60)


if __name__ == "__main__":
    main()
