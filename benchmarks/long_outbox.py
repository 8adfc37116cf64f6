"""
An outbox of 200,000 entries, relayed at a git ref and by the working tree: `make bench-outbox REF=v1.0`.

The relay is the real function, Firestore's and Pub/Sub's emulators have 2 GB each, and nobody subscribes. That emulator
reads the whole outbox for each query of a page, as Firestore does not, so calls get a minute in the place of two
seconds: what is compared is how much of a run is left to publish in.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx
from google.cloud.firestore import Client
from rich.console import Console
from rich.table import Table

from benchmarks.at_ref import UnknownRefError, bundles_at
from benchmarks.stored import fill_outbox
from benchmarks.world import World, cpu_seconds, pss_mib
from testkit.plain_http import http
from testkit.project import emulators_of
from testkit.running_function import FreshFunction

_JAVA = "-XX:TieredStopAtLevel=4 -Xmx2g"
_CALL_SECONDS, _RUN_SECONDS = 60, 300
_LAUNCH = f"""\
import sys
sys.path.insert(0, sys.argv[sys.argv.index("--source") + 1].removesuffix("main.py"))
from shared.firestore import calls
calls.TIMEOUT_SECONDS = {_CALL_SECONDS}
from functions_framework._cli import _cli
_cli()
"""


@dataclass(frozen=True)
class Run:
    """One call of the relay, and what its process had used of CPU and memory then."""

    seconds: float
    relayed: int
    remaining: int
    cpu_seconds: float
    pss_mib: float


def relayed(world: World, bundles: Path, *, entries: int, most_runs: int) -> Iterator[Run]:
    """Run after run, as the schedule would call them, until nothing is left."""
    project = world.new_project()
    fill_outbox(Client(project=project), entries)
    settings = {"GOOGLE_CLOUD_PROJECT": project, "OUTBOX_GRACE_SECONDS": "0"}
    source = bundles / "relay_outbox" / "main.py"
    function = FreshFunction(world.stack, "relay_outbox", settings, launched_by=("-c", _LAUNCH), source=source)
    try:
        function.wait_until_ready()
        for _ in range(most_runs):
            used, started = cpu_seconds(function.pid), perf_counter()
            report = http.post(function.url, timeout=_RUN_SECONDS).raise_for_status().json()
            seconds = perf_counter() - started
            yield Run(seconds, **report, cpu_seconds=cpu_seconds(function.pid) - used, pss_mib=pss_mib(function.pid))
            if not report["remaining"]:
                break
    finally:
        function.kill()
        _forget(world, project)


def _forget(world: World, project: str) -> None:
    url = f"http://{world.stack.firestore_host}/emulator/v1/projects/{project}/databases/(default)/documents"
    httpx.delete(url, trust_env=False, timeout=_CALL_SECONDS).raise_for_status()


def table(runs: Mapping[str, list[Run]]) -> Table:
    shown = Table("", "runs", "first run relayed", "entries/s", "left", "CPU of an entry", "memory")
    for tree, of_tree in runs.items():
        count, seconds = (sum(getattr(run, what) for run in of_tree) for what in ("relayed", "seconds"))
        shown.add_row(
            tree,
            str(len(of_tree)),
            f"{of_tree[0].relayed:,}",
            f"{count / seconds:.0f}",
            f"{of_tree[-1].remaining:,}",
            f"{sum(run.cpu_seconds for run in of_tree) / max(count, 1) * 1e3:.2f} ms",
            f"{max(run.pss_mib for run in of_tree):.0f} MiB",
        )
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_outbox", description=__doc__)
    parser.add_argument("--ref", metavar="REF", help="a commit, a branch or a tag, of which two runs are measured")
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=10, help="of the working tree, at most")
    arguments = parser.parse_args()
    runs: dict[str, list[Run]] = {}
    with TemporaryDirectory() as scratch:
        try:
            then = [(arguments.ref, bundles_at(arguments.ref, Path(scratch)), 2)] if arguments.ref else []
        except UnknownRefError as error:
            parser.error(str(error))
        with World.running(quick=True, java_options=_JAVA) as world, emulators_of(world.stack):
            for tree, bundles, most_runs in [*then, ("working tree", world.stack.bundles, arguments.runs)]:
                runs[tree] = []
                for run in relayed(world, bundles, entries=arguments.entries, most_runs=most_runs):
                    runs[tree].append(run)
                    print(f"{tree}: {run.relayed:,} in {run.seconds:.0f} s, {run.remaining:,} left", flush=True)
    Console(highlight=False).print(table(runs))


if __name__ == "__main__":
    main()
