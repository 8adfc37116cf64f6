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
from tempfile import TemporaryDirectory
from typing import Any

from google.cloud.firestore import Client, FieldFilter
from rich.console import Console
from rich.table import Table

from benchmarks.at_ref import UnknownRefError, bundles_at
from benchmarks.figure import ratios, spread
from benchmarks.load import pushing, run, signing_up
from benchmarks.mail_sink import mail_sink
from benchmarks.world import World, cpu_seconds
from shared.contract.delivery_state import DeliveryState
from shared.contract.documents import DELIVERIES
from testkit.certificates import self_signed
from testkit.polling import eventually
from testkit.project import emulators_of
from testkit.running_function import FreshFunction

TURNS = 6
PUSHES, SIGN_UPS = 400, 150  # in each turn
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


def measure(place: _Place, trees: Mapping[str, Path]) -> Measured:
    with ExitStack() as ending:
        projects = {tree: place.world.new_project() for tree in trees}
        running = {tree: ending.enter_context(place.running(trees[tree], projects[tree])) for tree in trees}
        pushes = _in_turns({tree: partial(_pushes, functions["send_email"]) for tree, functions in running.items()})
        for (tree, functions), (name, subscription) in product(running.items(), _SUBSCRIBERS.items()):
            place.world.stack.push_events_of(projects[tree], functions[name].url, subscription=subscription)
        firestores = {tree: Client(project=project) for tree, project in projects.items()}
        return pushes | _in_turns({tree: partial(_pipeline, running[tree], firestores[tree]) for tree in trees})


def _in_turns(works: Mapping[str, Callable[[], Mapping[str, float]]]) -> Measured:
    measured: Measured = defaultdict(lambda: defaultdict(list))
    for turn, (tree, work) in product(range(TURNS + 1), works.items()):
        for figure, value in work().items():
            if turn:  # the first one warms up
                measured[figure][tree].append(value)
    return measured


def _pushes(send_email: FreshFunction) -> dict[str, float]:
    used = cpu_seconds(send_email.pid)
    load = run(pushing(send_email.url), clients=_CLIENTS["pushes"], times=PUSHES)
    return {
        "send_email, pushes a second on one CPU": load.per_second,
        "CPU time of such a push, ms": (cpu_seconds(send_email.pid) - used) / PUSHES * 1e3,
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
        "CPU time of a sign-up's pipeline, ms": sum(parts.values()),
        **{f"of it {name}": milliseconds for name, milliseconds in parts.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("ref", metavar="REF", help="a commit, a branch or a tag")
    ref = parser.parse_args().ref
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try:
            then = bundles_at(ref, folder / "then")
        except UnknownRefError as error:
            parser.error(str(error))
        with _place(folder) as place:
            measured = measure(place, {ref: then, "working tree": place.world.stack.bundles})
    table = Table("figure", ref, "working tree", "ratio")
    for figure, by_tree in measured.items():
        before, now = by_tree[ref], by_tree["working tree"]
        table.add_row(figure, spread(before), spread(now), spread(ratios(now, before)))
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
