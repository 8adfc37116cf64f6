"""Which characters are invisible: a name of nothing else looks blank, two addresses that differ in one look alike."""

import re

INVISIBLE = (  # as a regular expression has them between brackets
    r"\s"  # every white space of Unicode's
    # Default_Ignorable_Code_Point, which Python does not expose; as of Unicode 14, with what is reserved for more
    r"\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164"
    r"\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFF8\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF"
    r"\u2800"  # the braille pattern without dots
    r"\uFFF9-\uFFFB\U00013430-\U0001343F"  # annotations and the joiners of hieroglyphs, which need something to act on
)
_ONE = re.compile(f"[{INVISIBLE}]")
_ANY = re.compile(f"[{INVISIBLE}]*")


def is_blank(text: str) -> bool:
    """Whether nothing in it is visible, as in an empty text."""
    return _ANY.fullmatch(text) is not None


def holds_invisible(text: str) -> bool:
    """Whether any of its characters is invisible."""
    return _ONE.search(text) is not None
