"""What draining ten times as much takes, and what the relay's run takes after much was cleared."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from time import perf_counter

from google.cloud.firestore import Client

from benchmarks.figure import Figure, Row, ratios, spread
from benchmarks.load import HttpClient, pushing, timed
from benchmarks.stored import clear_outbox, fill_outbox, publish_backlog
from benchmarks.world import PEERS, World
from testkit.mail_server import MailServer
from testkit.polling import eventually
from testkit.project import emulators_of

TOLERANCE = 0.1
_FLAT = f"at most {1 + TOLERANCE}"
SHORT = 300
LONG = {"an outbox": 3000, "a backlog": 10_000}
CLEARED = 10_000
_ROUNDS = 2
_SCANS = 20
_LONGEST_SECONDS = 300


def measure(world: World) -> Figure:
    with emulators_of(world.stack):
        drains = {"an outbox": _drain_outbox, "a backlog": _drain_backlog}
        drained = {what: _in_turns(partial(drain, world), LONG[what]) for what, drain in drains.items()}
        before, after = _scans(world)
    longer = median(after) / median(before)
    return Figure(
        rows=[
            *(_drained_row(what, seconds) for what, seconds in drained.items()),
            Row(
                f"the relay's run after {CLEARED:,} cleared entries",
                spread(after, "ms", scale=1e3, digits=1),
                f"{longer:.2f} times the {spread(before, 'ms', scale=1e3, digits=1)} before",
                _FLAT,
                longer <= 1 + TOLERANCE,
            ),
        ],
        raw={
            "seconds_each": {what: {str(size): each for size, each in by.items()} for what, by in drained.items()},
            "scans": {"before": before, "after": after},
        },
    )


def _in_turns(drain: Callable[[int], float], long: int) -> dict[int, list[float]]:
    """Seconds for each, by how many there were."""
    seconds: dict[int, list[float]] = {SHORT: [], long: []}
    for _ in range(_ROUNDS):
        for size, taken in seconds.items():
            taken.append(drain(size))
    return seconds


def _drain_outbox(world: World, size: int) -> float:
    project = world.new_project()
    with world.serving("relay_outbox", PEERS["usher"], project=project, OUTBOX_GRACE_SECONDS="0") as relay:
        client = HttpClient(relay.url)
        firestore = Client(project=project)
        fill_outbox(firestore, 200)
        _drain(client)  # opens the connections
        fill_outbox(firestore, size)
        return _drain(client) / size


def _drain(relay: HttpClient) -> float:
    """Seconds until nothing is left: a run ends early where the broker does not respond for a moment."""
    started = perf_counter()
    while json.loads(relay.post(b"", expecting=200))["remaining"]:
        assert perf_counter() - started < _LONGEST_SECONDS
    return perf_counter() - started


def _drain_backlog(world: World, size: int) -> float:
    """Seconds for each of the first SHORT of them: the others wait behind these."""
    project = world.new_project()
    publish_backlog(project, size)
    mail_server = MailServer()
    smtp_port = mail_server.address.rpartition(":")[2]
    try:
        with world.serving("send_email", PEERS["usher"], project=project, SMTP_PORT=smtp_port) as send_email:
            pushing(send_email.url)()  # the first request opens its connections
            world.stack.push_events_of(project, send_email.url)
            assert eventually(lambda: len(mail_server.mails) > SHORT, seconds=_LONGEST_SECONDS)
            world.stack.push_no_events_of(project)
    finally:
        mail_server.stop()
    first, last = mail_server.mails[1], mail_server.mails[SHORT]
    return (last.received_at - first.received_at).total_seconds() / (SHORT - 1)


def _scans(world: World) -> tuple[list[float], list[float]]:
    """Seconds of runs that find nothing, before and after so many entries have come and gone."""
    project = world.new_project()
    with world.serving("relay_outbox", PEERS["usher"], project=project) as relay:
        client = HttpClient(relay.url)

        def scan() -> object:
            return client.post(b"", expecting=200)

        scan()
        before = [timed(scan) for _ in range(_SCANS)]
        firestore = Client(project=project)
        fill_outbox(firestore, CLEARED)
        clear_outbox(firestore)
        return before, [timed(scan) for _ in range(_SCANS)]


def _drained_row(what: str, seconds: Mapping[int, list[float]]) -> Row:
    short, long = seconds.values()
    shares = ratios(long, short)
    return Row(
        f"draining {what} of {LONG[what]:,}",
        spread([1 / each for each in long], "a second", digits=0),
        f"{spread(shares)} of the time for each in one of {SHORT:,}",
        _FLAT,
        median(shares) <= 1 + TOLERANCE,
    )
