"""One honest sign-up per second, beside hundreds that are made to be expensive to refuse."""

import json
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep

from benchmarks.figure import Figure, Row, spread
from benchmarks.flood import flooding
from benchmarks.load import signing_up, timed
from benchmarks.world import PEERS, World
from testkit.signing_up import members

HOSTILE_A_SECOND = 500
MARKS = 8050  # about what a body may have
TARGET_SECONDS = 0.5


def measure(world: World) -> Figure:
    seconds = 2 if world.quick else 6
    with world.serving("create_user", PEERS["usher"], project=world.new_project()) as usher:
        honest = signing_up(usher.url)
        for _ in range(10):
            honest()
        alone = _one_a_second(honest, seconds)
        with flooding(usher.url, hostile_bodies(), per_second=HOSTILE_A_SECOND, seconds=seconds) as came_of_it:
            beside = _one_a_second(honest, seconds)
    return Figure(
        rows=[
            Row(
                f"an honest sign-up beside {HOSTILE_A_SECOND} hostile ones a second, cost 10",
                spread(beside, "ms", scale=1e3, digits=0),
                f"without them {spread(alone, 'ms', scale=1e3, digits=0)}",
                f"the slowest below {TARGET_SECONDS} s",
                max(beside) < TARGET_SECONDS,
            )
        ],
        raw={"alone": alone, "beside": beside, "hostile": came_of_it},
        notes=f"Of {HOSTILE_A_SECOND * seconds} hostile sign-ups, {came_of_it['422']} were refused with 422 and "
        f"{came_of_it['left out']} not sent, because 64 were waiting.",
    )


def hostile_bodies() -> list[bytes]:
    """
    In turns, each field is a letter and marks in falling combining class, and one has an international domain.

    To normalise the marks, or to check such a domain, takes a time that grows with the square of their number.
    """
    marks = [chr(code) for code in range(0x300, 0x370) if unicodedata.combining(chr(code))]
    marks.sort(key=unicodedata.combining, reverse=True)
    dear = "e" + "".join(marks[number * len(marks) // MARKS] for number in range(MARKS))
    domain = "\N{HEBREW LETTER ALEF}\N{ARABIC-INDIC DIGIT ONE}" * 120
    fields = [
        ("name", dear),
        ("company", dear),
        ("password", dear),
        ("email", f"{dear}@a.example"),
        ("email", f"e@{domain}"),
    ]
    return [json.dumps(members(**{field: value}), ensure_ascii=False).encode() for field, value in fields]


def _one_a_second(work: Callable[[], object], seconds: int) -> list[float]:
    """How long each takes; the next one does not wait for it."""
    with ThreadPoolExecutor(seconds) as pool:
        times = []
        for _ in range(seconds):
            times.append(pool.submit(timed, work))
            sleep(1)
        return [each.result() for each in times]
