"""Whether two samples can be told apart: Mann and Whitney's rank test, https://doi.org/10.1214/aoms/1177730491."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import sqrt


def standard_score(some: Sequence[float], others: Sequence[float]) -> float:
    """
    How many standard deviations more often one of `some` exceeds one of `others` than chance would have it.

    Chance alone goes beyond 4, either way, once in 16,000 times. Equal values count as half, which makes the score no
    larger than it is.
    """
    there = sorted(others)
    exceeded = sum(bisect_left(there, each) + bisect_right(there, each) for each in some) / 2
    pairs = len(some) * len(others)
    return (exceeded - pairs / 2) / sqrt(pairs * (len(some) + len(others) + 1) / 12)
