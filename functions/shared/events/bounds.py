"""
The bounds of an event's fields. No released sign-up has accepted anything outside them.

They may be widened, never narrowed: events that earlier versions wrote wait in outboxes, backlogs and dead letters. A
sign-up may refuse more. docs/asyncapi.yaml has the same patterns, so they are written in what ECMA-262 knows, too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Controls, the separators of lines and paragraphs, and what makes text run the other way.
UNPRINTABLE = re.compile(r"[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]")
_ATOM = r'[^\s@."(),:;<>\[\]\\]+'


@dataclass(frozen=True)
class Bounds:
    """The most code points that a text may have, a pattern, and what is said of a text that is not like it."""

    longest: int
    pattern: re.Pattern[str]
    unlike: str

    def fault(self, text: str) -> str:
        """Which bound the text breaks, or nothing."""
        if len(text) > self.longest:
            return f"has more than {self.longest} characters"
        if UNPRINTABLE.search(text):
            return "contains control characters, line breaks or reversed text"
        return "" if self.pattern.search(text) else self.unlike


_UUID = Bounds(36, re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"), "is not a UUID in canonical form")
_TEXT = Bounds(100, re.compile(r"\S"), "is blank")
_ADDRESS = Bounds(
    254,
    re.compile(rf"^{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})+$"),
    "is not an address with one @ and a domain with a dot",
)
_TIME = Bounds(
    35,
    # No year in which converting to another time zone could leave the range of a datetime.
    re.compile(r"^(19[7-9][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$"),
    "is not an RFC 3339 time between the years 1970 and 2999",
)

BOUNDS: Mapping[str, Bounds] = {
    "event_id": _UUID,
    "user_id": _UUID,
    "name": _TEXT,
    "company": _TEXT,
    "email": _ADDRESS,
    "occurred_at": _TIME,
}
