"""The result of a benchmark: rows of the table, plots, and the raw numbers behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True)
class Row:
    """
    A line of the table: what was measured, against what in that run, and whether a target, if any, is met.

    One of the `slowest` in a hundred cannot be told from a few samples.
    """

    figure: str
    measured: str
    against: str
    target: str = ""
    met: bool = True
    slowest: bool = False

    @property
    def verdict(self) -> str:
        return ("met" if self.met else "missed") if self.target else ""


@dataclass(frozen=True)
class Plot:
    """Lines of (x, y), by what they show."""

    name: str
    title: str
    x: str
    y: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    logarithmic: bool = False


@dataclass(frozen=True)
class Figure:
    rows: Sequence[Row]
    raw: Mapping[str, Any]
    plots: Sequence[Plot] = field(default_factory=list)
    notes: str = ""


def spread(values: Sequence[float], unit: str = "", *, scale: float = 1, digits: int = 2) -> str:
    """The median, and between what the rounds lay: `5.2 ms (4.9 to 5.6)`."""
    low, middle, high = (f"{value * scale:.{digits}f}" for value in (min(values), median(values), max(values)))
    return f"{middle}{unit and f' {unit}'} ({low} to {high})"


def ratios(some: Sequence[float], others: Sequence[float]) -> list[float]:
    """Round by round: what else the machine did then has met both."""
    return [one / other for one, other in zip(some, others, strict=True)]


def percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def distribution(values: Sequence[float], *, scale: float) -> list[tuple[float, float]]:
    """The share of values, in per cent, that are at most x."""
    return [(percentile(values, percent) * scale, percent) for percent in range(1, 100)]
