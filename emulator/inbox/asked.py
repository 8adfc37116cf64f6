"""Reads what a call asks for. It rejects what it does not know: ignored, that could have widened a deletion."""

import json
import re
from collections.abc import Mapping
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request

from emulator.inbox.search import Matches, SearchError, read_search

T = TypeVar("T")


def parameters(request: Request, *known: str) -> Mapping[str, str]:
    """The parameters of the call's URL, each at most once and of these names only."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise HTTPException(400, f"Unknown parameter {name}; this call accepts {', '.join(known) or 'none'}")
        if name in found:
            raise HTTPException(400, f"The parameter {name} was given more than once")
        found[name] = value
    return found


def whole_number(found: Mapping[str, str], name: str, *, default: int) -> int:
    value = found.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise HTTPException(400, f"The parameter {name} is not a whole number")
    return int(value)


def members(body: bytes, kind: type[T]) -> T:
    """The JSON object as a `kind`, a struct with names in lower case; in the body their case does not matter."""
    try:
        return msgspec.convert(json.loads(body, object_pairs_hook=_by_lower_case), kind)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise HTTPException(400, f"The body cannot be read: {error}") from error


def search(query: str, found: Mapping[str, str], *, strict: bool = False) -> Matches:
    """What `query` finds, with dates in the time zone of the parameter `tz`, if it is given and not empty."""
    zone = _zone(found["tz"]) if found.get("tz") else None
    try:
        return read_search(query, zone=zone, strict=strict)
    except SearchError as error:
        raise HTTPException(400, str(error)) from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise HTTPException(400, "The parameter tz is not a time zone such as Europe/Berlin") from error


def _by_lower_case(pairs: list[tuple[str, object]]) -> dict[str, object]:
    named = {name.lower(): value for name, value in pairs}
    if len(named) < len(pairs):
        raise ValueError("duplicate key")
    return named
