import io

from rich.console import Console

from benchmarks.figure import Figure, Row
from benchmarks.shown import shown

FIGURES = {
    "overhead": Figure(
        rows=[
            Row("overhead, p50", "5.1 ms (4.6 to 5.8)", "0.31 of the quickstart's", "at most 0.33", met=True),
            Row("overhead, p99", "9.2 ms", "0.58 of the quickstart's", "at most 0.33", met=False, slowest=True),
            Row("the limit of that", "4.1 ms", "0.25 of the quickstart's"),
        ],
        raw={},
    )
}


def printed(*, quick: bool) -> str:
    output = io.StringIO()
    Console(file=output, width=80).print(*shown(FIGURES, quick=quick, seconds=75), sep="\n")
    return output.getvalue()


def test_quick_run_has_no_verdict_and_nothing_of_the_slowest() -> None:
    text = printed(quick=True)

    assert not [word for word in ("met", "missed", "target ", "p99") if word in text.replace("targets are met", "")]
    assert "2 figures in 75 s: roughly, from few samples." in text
    assert max(map(len, text.splitlines())) <= 80


def test_whole_run_says_of_how_many_targets_it_met_how_many() -> None:
    text = printed(quick=False)

    assert "p99" in text
    assert text.splitlines()[-1] == "1 of 2 targets met, in 1.2 minutes."
