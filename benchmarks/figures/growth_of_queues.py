"""Draining ten times as much takes ten times as long; what was cleared costs the relay nothing."""

import json
from statistics import median
from time import perf_counter

from google.cloud.firestore import Client

from benchmarks.figure import Figure, Row, ratios, spread
from benchmarks.load import HttpClient, timed
from benchmarks.stored import clear_outbox, fill_outbox, publish_backlog
from benchmarks.world import PEERS, World
from tests.chaos.long_run_mail_server import MailServer
from tests.chaos.project import emulators_of
from tests.waiting import eventually

TOLERANCE = 0.1
_LONGEST_SECONDS = 300


def measure(world: World) -> Figure:
    short, long, turns = (200, 400, 1) if world.quick else (1000, 10_000, 1)
    cleared = 400 if world.quick else 100_000
    with emulators_of(world.stack):
        drained = {
            what: {size: [drain(world, size) / size for _ in range(turns)] for size in (short, long)}
            for what, drain in (("an outbox", _drain_outbox), ("a backlog", _drain_backlog))
        }
        before, after = _scans(world, cleared, times=5 if world.quick else 20)
    return Figure(
        rows=[
            *(_drained_row(what, seconds) for what, seconds in drained.items()),
            Row(
                f"the relay's run after {cleared:,} cleared entries",
                spread(after, "ms", scale=1e3, digits=1),
                f"{spread(ratios(after, before))} of it before",
                f"at most {1 + TOLERANCE}",
                median(after) <= median(before) * (1 + TOLERANCE),
            ),
        ],
        raw={
            "seconds_each": {what: {str(size): values for size, values in by.items()} for what, by in drained.items()},
            "scans": {"before": before, "after": after},
        },
    )


def _drain_outbox(world: World, size: int) -> float:
    project = world.new_project()
    fill_outbox(Client(project=project), size)
    with world.serving("relay_outbox", PEERS["usher"], project=project) as relay:
        client = HttpClient(relay.url)
        started = perf_counter()
        while json.loads(client.post(b"", expecting=200))["remaining"]:
            assert perf_counter() - started < _LONGEST_SECONDS
        return perf_counter() - started


def _drain_backlog(world: World, size: int) -> float:
    project = world.new_project()
    publish_backlog(project, size)
    mail_server = MailServer()
    smtp_port = mail_server.address.rpartition(":")[2]
    try:
        with world.serving("send_email", PEERS["usher"], project=project, SMTP_PORT=smtp_port) as send_email:
            started = perf_counter()
            world.stack.push_events_of(project, send_email.url)
            assert eventually(lambda: len(mail_server.mails) >= size, seconds=_LONGEST_SECONDS)
            return perf_counter() - started
    finally:
        mail_server.stop()


def _scans(world: World, cleared: int, *, times: int) -> tuple[list[float], list[float]]:
    """Seconds of runs that find nothing, before and after so many entries have come and gone."""
    project = world.new_project()
    with world.serving("relay_outbox", PEERS["usher"], project=project) as relay:
        client = HttpClient(relay.url)

        def scan() -> object:
            return client.post(b"", expecting=200)

        scan()
        before = [timed(scan) for _ in range(times)]
        firestore = Client(project=project)
        fill_outbox(firestore, cleared)
        clear_outbox(firestore)
        return before, [timed(scan) for _ in range(times)]


def _drained_row(what: str, seconds: dict[int, list[float]]) -> Row:
    short, long = seconds
    shares = ratios(seconds[long], seconds[short])
    return Row(
        f"draining {what} of {long:,}",
        f"{1 / median(seconds[long]):.0f} a second",
        f"{spread(shares)} of the time for each in one of {short:,}",
        f"at most {1 + TOLERANCE}",
        median(shares) <= 1 + TOLERANCE,
    )
