"""What a run has measured, as a person reads it at the end."""

from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from benchmarks.figure import Figure, Row

_COLOURS = {"met": "green", "missed": "red"}


def shown(figures: Mapping[str, Figure], *, quick: bool, seconds: float) -> Iterator[RenderableType]:
    """
    The table and the summary line.

    The few samples of a `quick` run bear no verdict, and do not tell of the slowest in a hundred.
    """
    rows = [row for figure in figures.values() for row in figure.rows if not (quick and row.slowest)]
    yield _table(rows, quick=quick)
    yield Text(_summary(rows, quick=quick, seconds=seconds))


def _table(rows: list[Row], *, quick: bool) -> Table:
    table = Table("figure", "measured", "compared", *([] if quick else ["target", "verdict"]), show_lines=True)
    for row in rows:
        judged: list[RenderableType] = [] if quick else [row.target, Text(row.verdict, _COLOURS.get(row.verdict, ""))]
        table.add_row(row.figure, row.measured, row.against, *judged)
    return table


def _summary(rows: list[Row], *, quick: bool, seconds: float) -> str:
    if quick:
        return (
            f"{len(rows)} figures in {seconds:.0f} s: roughly, from few samples. "
            "`make bench` takes six minutes, and says which targets are met."
        )
    judged = [row for row in rows if row.target]
    return f"{sum(row.met for row in judged)} of {len(judged)} targets met, in {seconds / 60:.1f} minutes."
