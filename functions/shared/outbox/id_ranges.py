"""Cuts the outbox by its entries' ids into ranges that can be read side by side."""

from itertools import pairwise
from typing import NamedTuple

_DIGITS = 4  # in hexadecimal, of which event ids are made
MOST = 16**_DIGITS


class IdRange(NamedTuple):
    """The ids after one and up to another, that one included. Where a bound is "", there is none on that side."""

    after: str = ""
    until: str = ""


ALL = IdRange()


def ranges(count: int, *, after: str = "") -> list[IdRange]:
    """
    The ids after one, as what is left of `count` ranges of all ids.

    Event ids are random: each range has its share. An id that begins with anything else is in one of them, too.
    """
    cuts = (f"{number * MOST // count:0{_DIGITS}x}" for number in range(1, count))
    return [IdRange(*bounds) for bounds in pairwise([after, *(cut for cut in cuts if cut > after), ""])]
