"""From the start of a process to its first response, and its memory then."""

from collections import defaultdict
from statistics import median
from time import perf_counter, sleep

from benchmarks.figure import Figure, Row, ratios, spread
from benchmarks.load import pushing, signing_up
from benchmarks.mail_sink import mail_sink
from benchmarks.world import PEERS, World, pss_mib
from testkit.polling import is_listening

_FIRST_WORK = {"create_user": signing_up, "send_email": pushing}
_UNITS = {"cold start": "s", "memory after it": "MiB"}
Measured = dict[tuple[str, str, str], list[float]]  # by figure, function and peer


def measure(world: World) -> Figure:
    starts = 1 if world.quick else 7
    measured: Measured = defaultdict(list)
    with mail_sink() as smtp_port:
        for number in range(starts + 1):
            for name in _FIRST_WORK:
                for peer in PEERS:
                    seconds, mib = _start(world, name, peer, smtp_port=smtp_port)
                    if number:  # the first finds no compiled bytecode
                        measured["cold start", name, peer].append(seconds)
                        measured["memory after it", name, peer].append(mib)
    return Figure(
        rows=[_row(figure, name, measured) for name in _FIRST_WORK for figure in _UNITS],
        raw={", ".join(key): values for key, values in measured.items()},
    )


def _start(world: World, name: str, peer: str, *, smtp_port: str) -> tuple[float, float]:
    project = world.new_project()
    started = perf_counter()
    function = world.start(name, PEERS[peer], project=project, SMTP_PORT=smtp_port)
    try:
        while not is_listening(function.port):
            sleep(0.002)
        _FIRST_WORK[name](function.url)()
        return perf_counter() - started, pss_mib(function.pid)
    finally:
        function.kill()


def _row(figure: str, name: str, measured: Measured) -> Row:
    usher, quickstart = (measured[figure, name, peer] for peer in PEERS)
    shares = ratios(usher, quickstart)
    return Row(
        f"{figure}, {name}",
        spread(usher, _UNITS[figure]),
        f"{spread(shares)} of the quickstart's {spread(quickstart, _UNITS[figure])}",
        "at most 1",
        median(shares) <= 1,
    )
