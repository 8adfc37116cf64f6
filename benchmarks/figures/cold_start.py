"""From the start of a process to its first response, and its memory then."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from benchmarks.figure import Figure, Row, ratios, spread
from benchmarks.load import pushing, signing_up
from benchmarks.mail_sink import mail_sink
from benchmarks.world import QUICKSTART, World, pss_mib
from testkit.polling import is_listening


@dataclass(frozen=True)
class _Start:
    """A function's first work, and the code of what it is compared with: that has the same clients."""

    sample: Path
    first_work: Callable[[str], Callable[[], object]]
    target: float


ROUNDS = 12
_STARTS = {
    "create_user": _Start(QUICKSTART, signing_up, target=0.75),
    "send_email": _Start(QUICKSTART / "recording", pushing, target=0.9),
    "notify_admin": _Start(QUICKSTART / "recording", pushing, target=0.9),
}
_USHER, _SAMPLE = "usher", "quickstart"
_SECONDS, _MIB = "cold start", "memory after it"
Measured = dict[tuple[str, str, str], list[float]]  # by figure, function and peer


def measure(world: World) -> Figure:
    starts = 1 if world.quick else 5
    measured: Measured = defaultdict(list)
    with mail_sink() as smtp_port:
        settings = {"BCRYPT_ROUNDS": str(ROUNDS), "SMTP_PORT": smtp_port}
        for number in range(starts + 1):
            for name, start in _STARTS.items():
                for peer, source in {_USHER: None, _SAMPLE: start.sample}.items():
                    seconds, mib = _start(world, name, source, **settings)
                    if number:  # the first finds no compiled bytecode
                        measured[_SECONDS, name, peer].append(seconds)
                        measured[_MIB, name, peer].append(mib)
    return Figure(
        rows=[row for name, start in _STARTS.items() for row in _rows(name, start.target, measured)],
        raw={", ".join(key): values for key, values in measured.items()},
    )


def _start(world: World, name: str, source: Path | None, **settings: str) -> tuple[float, float]:
    project = world.new_project()
    started = perf_counter()
    function = world.start(name, source, project=project, **settings)
    try:
        while not is_listening(function.port):
            sleep(0.002)
        _STARTS[name].first_work(function.url)()
        return perf_counter() - started, pss_mib(function.pid)
    finally:
        function.kill()


def _rows(name: str, target: float, measured: Measured) -> list[Row]:
    described = f"{name} at cost {ROUNDS}" if name == "create_user" else name
    return [
        _row(f"{figure}, {what}", [measured[figure, name, peer] for peer in (_USHER, _SAMPLE)], unit=unit, most=most)
        for figure, what, unit, most in ((_SECONDS, described, "s", target), (_MIB, name, "MiB", 1))
    ]


def _row(what: str, peers: list[list[float]], *, unit: str, most: float) -> Row:
    usher, sample = peers
    shares = ratios(usher, sample)
    return Row(
        what,
        spread(usher, unit),
        f"{spread(shares)} of the quickstart's {spread(sample, unit)}",
        f"at most {most}",
        median(shares) <= most,
    )
