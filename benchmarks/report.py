"""docs/benchmarks.md with its tables, its plots and raw numbers."""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import fill

import psutil
import pygal  # type: ignore[import-untyped]  # brings no types
from pygal.style import CleanStyle  # type: ignore[import-untyped]  # brings no types

from benchmarks.figure import Figure, Plot

_DOCS = Path(__file__).parent.parent / "docs"
_HOW = """\
Made by `make bench`; each run writes it again. What is compared takes turns (A B A B …) in the same run, except for
what comes before and after by its nature, so that whatever else the machine does meets both: read the ratios, not the
milliseconds. A figure is the median of its rounds, with the lowest and the highest in parentheses.

"The quickstart" is [what a user would write instead](../benchmarks/quickstart/README.md), on the same emulators, server
and settings. "The limit" of a sign-up's overhead is a function that does nothing, a commit of the same three documents
and a publish: raw gRPC calls whose requests were packed beforehand. The emulators and the clients share the machine
with what is measured, so their time counts as ours. What follows from it is in [performance.md](performance.md) and
[capacity.md](capacity.md).

A target without a unit is of the ratio in the second table.
"""


def tables(figures: Mapping[str, Figure]) -> Iterator[str]:
    """In Markdown: the figures with their targets, then what each was compared with."""
    rows = [row for figure in figures.values() for row in figure.rows]
    yield from ("| figure | measured | target | |", "|---|---|---|---|")
    for row in rows:
        verdict = row.verdict.replace("missed", "**missed**")
        yield f"| {row.figure} | {row.measured} | {row.target} | {verdict} |"
    yield from ("", "| figure | compared |", "|---|---|")
    yield from (f"| {row.figure} | {row.against} |" for row in rows if row.against)


def write(figures: Mapping[str, Figure], *, minutes: float) -> None:
    """Replace what an earlier run has left in docs/."""
    folder = _DOCS / "benchmarks"
    folder.mkdir(exist_ok=True)
    for plot_before in folder.glob("*.svg"):
        plot_before.unlink()
    plots = [plot for figure in figures.values() for plot in figure.plots]
    for plot in plots:
        _chart(plot).render_to_file(folder / f"{plot.name}.svg")
    raw = {"machine": machine(), **{name: _rounded(figure.raw) for name, figure in figures.items()}}
    (folder / "results.json").write_text(json.dumps(raw, separators=(",", ":")) + "\n")
    page = [
        *("# Benchmarks", "", _HOW),
        f"Measured in {minutes:.0f} minutes on {machine()}.",
        "Every single measurement: [results.json](benchmarks/results.json).",
        *("", *tables(figures), ""),
        *(_item(figure.notes) for figure in figures.values() if figure.notes),
        *(f"\n![{plot.title}](benchmarks/{plot.name}.svg)" for plot in plots),
    ]
    (_DOCS / "benchmarks.md").write_text("\n".join(page) + "\n")


def machine() -> str:
    """What the figures were measured on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    memory_gib = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} CPUs ({cpu}), {memory_gib:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
    )


def _item(text: str) -> str:
    return fill(f"- {text}", 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _chart(plot: Plot) -> pygal.XY:
    chart = pygal.XY(
        title=plot.title,
        x_title=plot.x,
        y_title=plot.y,
        xrange=None,
        logarithmic=plot.logarithmic,
        dots_size=2 if len(next(iter(plot.lines.values()))) < 20 else 0,
        style=CleanStyle,
        js=[],
        disable_xml_declaration=True,
        legend_at_bottom=True,
    )
    for name, points in plot.lines.items():
        chart.add(name, points)
    return chart


def _rounded(value: object) -> object:
    """Floats to a millionth: nothing here is measured any finer."""
    match value:
        case float():
            return round(value, 6)
        case list():
            return [_rounded(each) for each in value]
        case dict():
            return {key: _rounded(each) for key, each in value.items()}
        case other:
            return other
