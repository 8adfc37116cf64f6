"""
What send_email and the whole pipeline cost at a git ref, and in the working tree: `make compare REF=v1.0`.

Both run on the same emulators and mail server, in turns, with the settings of the working tree. The functions have one
CPU, all else has the others.
"""

import argparse
import os
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from google.cloud.firestore import Client, FieldFilter
from rich.console import Console

from benchmarks.at_ref import UnknownRefError, bundles_at
from benchmarks.figure import Figure, Row, ratios, spread
from benchmarks.load import pushing, run, signing_up
from benchmarks.mail_sink import mail_sink
from benchmarks.shown import shown
from benchmarks.world import World, cpu_seconds
from shared.contract.delivery_state import DeliveryState
from shared.contract.documents import DELIVERIES
from testkit.certificates import self_signed
from testkit.polling import eventually
from testkit.project import emulators_of
from testkit.running_function import FreshFunction

TURNS = 5
PUSHES, SIGN_UPS = 400, 150  # in each turn
PUSHES_A_SECOND, PIPELINE = "send_email, pushes a second on one CPU", "CPU time of a sign-up's pipeline, ms"
AT_LEAST, AT_MOST = 1.5, 0.7  # of the ref's
NOW = "working tree"
_CLIENTS = {"pushes": 8, "sign-ups": 2}
_SUBSCRIBERS = {"send_email": "send-email", "notify_admin": "notify-admin"}
# A hash that takes no time, in the place of bcrypt's: it is the same on both sides, and a hundred times the rest.
_LAUNCH = """\
import os
os.sched_setaffinity(0, [{cpu}])
os.environ["SSL_CERT_FILE"] = {trusted!r}
import bcrypt
bcrypt.hashpw = lambda password, salt: salt + 31 * b"."
from functions_framework._cli import _cli
_cli()
"""
Measured = dict[str, dict[str, list[float]]]  # turn by turn, by figure and tree


@dataclass(frozen=True)
class _Place:
    """Where both trees are measured."""

    world: World
    launched_by: tuple[str, str]
    settings: Mapping[str, str]

    @contextmanager
    def running(self, bundles: Path, project: str) -> Iterator[dict[str, FreshFunction]]:
        with ExitStack() as ending:
            functions = {}
            for name in ("create_user", *_SUBSCRIBERS):
                functions[name] = FreshFunction(
                    self.world.stack,
                    name,
                    {"GOOGLE_CLOUD_PROJECT": project, **self.settings},
                    launched_by=self.launched_by,
                    source=bundles / name / "main.py",
                )
                ending.callback(functions[name].stop)
            for function in functions.values():
                function.wait_until_ready()
            yield functions


@contextmanager
def _place(folder: Path) -> Iterator[_Place]:
    cpu, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others or [cpu])
    self_signed("localhost", folder)
    system = ssl.get_default_verify_paths().cafile
    trusted = folder / "trusted.pem"
    trusted.write_text((Path(system).read_text() if system else "") + (folder / "certificate.pem").read_text())
    launched_by = ("-c", _LAUNCH.format(cpu=cpu, trusted=str(trusted)))
    with World.running(quick=False) as world, emulators_of(world.stack), mail_sink(folder) as smtp_port:
        settings = {"SMTP_HOST": "localhost", "SMTP_PORT": smtp_port, "SMTP_SECURITY": "starttls"}
        yield _Place(world, launched_by, settings)


def measure(place: _Place, trees: Mapping[str, Path], *, turns: int) -> Measured:
    with ExitStack() as ending:
        projects = {tree: place.world.new_project() for tree in trees}
        running = {tree: ending.enter_context(place.running(trees[tree], projects[tree])) for tree in trees}
        pushing_to = {tree: partial(_pushes, functions["send_email"]) for tree, functions in running.items()}
        pushes = _in_turns(pushing_to, turns)
        for (tree, functions), (name, subscription) in product(running.items(), _SUBSCRIBERS.items()):
            place.world.stack.push_events_of(projects[tree], functions[name].url, subscription=subscription)
        firestores = {tree: Client(project=project) for tree, project in projects.items()}
        signing_up_at = {tree: partial(_pipeline, running[tree], firestores[tree]) for tree in trees}
        return pushes | _in_turns(signing_up_at, turns)


def _in_turns(works: Mapping[str, Callable[[], Mapping[str, float]]], turns: int) -> Measured:
    measured: Measured = defaultdict(lambda: defaultdict(list))
    for turn, (tree, work) in product(range(turns + 1), works.items()):
        for figure, value in work().items():
            if turn:  # the first one warms up
                measured[figure][tree].append(value)
    return measured


def _pushes(send_email: FreshFunction) -> dict[str, float]:
    used = cpu_seconds(send_email.pid)
    load = run(pushing(send_email.url), clients=_CLIENTS["pushes"], times=PUSHES)
    used = cpu_seconds(send_email.pid) - used
    return {
        PUSHES_A_SECOND: load.per_second,
        "share of that CPU it used": used / load.elapsed_seconds,  # where that is not nearly 1, the rate is others'
        "CPU time of such a push, ms": used / PUSHES * 1e3,
    }


def _pipeline(functions: Mapping[str, FreshFunction], firestore: Client) -> dict[str, float]:
    """Milliseconds of CPU time for one sign-up, its mail and its SMS."""
    deliveries = firestore.collection(DELIVERIES).where(filter=FieldFilter("state", "==", DeliveryState.SENT)).count()

    def delivered() -> int:
        counted: Any = deliveries.get()  # type: ignore[call-arg]  # the library names the class itself
        return int(counted[0][0].value)

    before, used = delivered(), {name: cpu_seconds(function.pid) for name, function in functions.items()}
    run(signing_up(functions["create_user"].url), clients=_CLIENTS["sign-ups"], times=SIGN_UPS)
    assert eventually(lambda: delivered() == before + len(_SUBSCRIBERS) * SIGN_UPS), "mails or SMS are missing"
    parts = {name: (cpu_seconds(each.pid) - used[name]) / SIGN_UPS * 1e3 for name, each in functions.items()}
    return {
        PIPELINE: sum(parts.values()),
        **{f"of it {name}": milliseconds for name, milliseconds in parts.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("ref", metavar="REF", help="a commit, a branch or a tag")
    parser.add_argument("--turns", type=int, default=TURNS, help=f"of each tree; {TURNS} unless it says otherwise")
    arguments = parser.parse_args()
    ref: str = arguments.ref
    started = perf_counter()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try:
            then = bundles_at(ref, folder / "then")
        except UnknownRefError as error:
            parser.error(str(error))
        with _place(folder) as place:
            measured = measure(place, {ref: then, NOW: place.world.stack.bundles}, turns=arguments.turns)
    figure = Figure([compared(name, ref, by_tree) for name, by_tree in measured.items()], raw={})
    seconds = perf_counter() - started
    Console(highlight=False).print(*shown({"against": figure}, quick=False, seconds=seconds), sep="\n")


def compared(name: str, ref: str, by_tree: Mapping[str, list[float]]) -> Row:
    before, now = by_tree[ref], by_tree[NOW]
    shares = ratios(now, before)
    targets = {
        PUSHES_A_SECOND: (f"at least {AT_LEAST}", median(shares) >= AT_LEAST),
        PIPELINE: (f"at most {AT_MOST}", median(shares) <= AT_MOST),
    }
    return Row(name, spread(now), f"{spread(shares)} of {spread(before)} at {ref}", *targets.get(name, ()))


if __name__ == "__main__":
    main()
