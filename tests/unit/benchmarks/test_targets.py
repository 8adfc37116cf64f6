"""That a row says met only where its target is: nobody looks at the figures behind a verdict."""

import pytest

from benchmarks.against import NOW, PIPELINE, PUSHES_A_SECOND, compared
from benchmarks.figures.overhead import overhead_row
from benchmarks.figures.throughput import rate_rows
from benchmarks.load import Load


@pytest.mark.parametrize(
    ("limit", "quickstart", "verdict"),
    [(4.0, 10.1, "met"), (3.9, 10.1, "missed"), (4.0, 10.0, "missed"), (3.9, 10.0, "missed")],
)
def test_overhead_has_to_be_near_the_limit_and_below_half_of_the_quickstarts(
    limit: float, quickstart: float, verdict: str
) -> None:
    row = overhead_row([5.0, 5.0, 50.0], limit=[limit] * 3, quickstart=[quickstart] * 3)

    assert row.verdict == verdict


def test_each_number_of_clients_has_a_row_of_the_turns_in_which_both_were_measured() -> None:
    def loads(*rates: float) -> list[Load]:
        return [Load(1 / rate, [0.1]) for rate in rates]

    by_peer_and_clients = {
        ("bcrypt", 2): loads(40, 20, 40),
        ("usher", 8): loads(31, 15.5, 30),
        ("quickstart", 8): loads(30, 15, 31),
        ("usher", 64): loads(29.9, 15.5, 29.9),
        ("quickstart", 64): loads(30, 15, 30),
    }
    rows = {row.figure: row for row in rate_rows(by_peer_and_clients)}

    assert {figure: row.verdict for figure, row in rows.items()} == {
        "sign-ups a second at cost 10, 8 clients": "met",
        "sign-ups a second at cost 10, 64 clients": "missed",
    }


@pytest.mark.parametrize(
    ("figure", "now", "verdict"),
    [
        (PUSHES_A_SECOND, 150, "met"),
        (PUSHES_A_SECOND, 149, "missed"),
        (PIPELINE, 70, "met"),
        (PIPELINE, 71, "missed"),
        ("of it create_user", 200, ""),
    ],
)
def test_figure_against_a_ref_is_judged_where_it_has_a_target(figure: str, now: float, verdict: str) -> None:
    row = compared(figure, "v1", {"v1": [100.0, 100.0], NOW: [now, now]})

    assert row.verdict == verdict
