"""What draining ten times as much takes, and what the relay's run takes after much was cleared."""

import json
from itertools import pairwise
from statistics import median
from time import perf_counter

from google.cloud.firestore import Client

from benchmarks.figure import Figure, Row, ratios, spread
from benchmarks.load import HttpClient, pushing, timed
from benchmarks.stored import clear_outbox, fill_outbox, publish_backlog
from benchmarks.world import PEERS, World
from tests.chaos.long_run_mail_server import MailServer
from tests.chaos.project import emulators_of
from tests.waiting import eventually

TOLERANCE = 0.1
_FLAT = f"at most {1 + TOLERANCE}"
SHORT, LONG = 1000, 10_000
CLEARED = 100_000
_ROUNDS = 3
_SCANS = 20
_LONGEST_SECONDS = 300


def measure(world: World) -> Figure:
    with emulators_of(world.stack):
        outbox: dict[int, list[float]] = {size: [] for size in (SHORT, LONG)}
        for _ in range(_ROUNDS):
            for size, seconds in outbox.items():
                seconds.append(_drain_outbox(world, size) / size)
        backlog = _drain_backlog(world)
        before, after = _scans(world)
    middle = len(backlog) // 2
    return Figure(
        rows=[
            _drained_row(
                "an outbox", outbox[LONG], shares=ratios(outbox[LONG], outbox[SHORT]), of=f"each in one of {SHORT:,}"
            ),
            _drained_row(
                "a backlog", backlog, shares=ratios(backlog[middle:], backlog[:middle]), of="each in the first half"
            ),
            Row(
                f"the relay's run after {CLEARED:,} cleared entries",
                spread(after, "ms", scale=1e3, digits=1),
                f"{median(after) / median(before):.0f} of {spread(before, 'ms', scale=1e3, digits=1)} before",
                _FLAT,
                median(after) <= median(before) * (1 + TOLERANCE),
            ),
        ],
        raw={
            "outbox, seconds each": {str(size): seconds for size, seconds in outbox.items()},
            "backlog, seconds each, by thousands": backlog,
            "scans": {"before": before, "after": after},
        },
    )


def _drain_outbox(world: World, size: int) -> float:
    project = world.new_project()
    with world.serving("relay_outbox", PEERS["usher"], project=project) as relay:
        client = HttpClient(relay.url)
        client.post(b"", expecting=200)  # the first request opens its connections
        fill_outbox(Client(project=project), size)
        started = perf_counter()
        while json.loads(client.post(b"", expecting=200))["remaining"]:
            assert perf_counter() - started < _LONGEST_SECONDS
        return perf_counter() - started


def _drain_backlog(world: World) -> list[float]:
    """Seconds for each mail, thousand by thousand."""
    project = world.new_project()
    publish_backlog(project, LONG)
    mail_server = MailServer()
    smtp_port = mail_server.address.rpartition(":")[2]
    try:
        with world.serving("send_email", PEERS["usher"], project=project, SMTP_PORT=smtp_port) as send_email:
            pushing(send_email.url)()  # the first request opens its connections
            world.stack.push_events_of(project, send_email.url)
            assert eventually(lambda: len(mail_server.mails) > LONG, seconds=_LONGEST_SECONDS)
    finally:
        mail_server.stop()
    times = [mail.received_at for mail in mail_server.mails[:: LONG // 10]]
    return [(end - start).total_seconds() * 10 / LONG for start, end in pairwise(times)]


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


def _drained_row(what: str, seconds: list[float], *, shares: list[float], of: str) -> Row:
    return Row(
        f"draining {what} of {LONG:,}",
        spread([1 / each for each in seconds], "a second", digits=0),
        f"{spread(shares)} of the time for {of}",
        _FLAT,
        median(shares) <= 1 + TOLERANCE,
    )
