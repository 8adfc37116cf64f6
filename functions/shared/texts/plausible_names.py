"""Tells a person's name from other text typed in its place, for messages sent in the product's name."""

import re
import unicodedata

_LONGEST_CHARACTERS = 40
_MOST_WORDS = 5
_KINDS = {
    **dict.fromkeys("'\u2018\u2019\u05f3\u05f4", "'"),  # apostrophes, geresh, gershayim
    **dict.fromkeys("-\u2010\u2011\u00b7\u30fb\u0f0b", "-"),  # hyphens, middle dots
    **dict.fromkeys("\u200c\u200d", "-"),  # zero-width non-joiner and joiner, which some scripts are written with
    **dict.fromkeys("\u115f\u1160\u3164\uffa0", "?"),  # letters that show nothing
    ".": ".",
}
_LETTER = "LM{0,4}"
_INITIALS = rf"(?:{_LETTER}\.)+"  # J.R.R.: a mail program links a dot between longer words
_ABBREVIATION = rf"(?:{_LETTER}){{2,4}}\.(?:{_LETTER}\.)*"  # Dr., Ph.D.
_PART = rf"(?:{_INITIALS}|{_ABBREVIATION}|(?:{_LETTER})+)"
_WORD = rf"'?{_PART}(?:['-]{_PART})*'?"
_NAME = re.compile(rf"{_WORD}(?: {_WORD}){{0,{_MOST_WORDS - 1}}}")


def plausible_name(text: str) -> str:
    """
    Return the text if it may be a name, else nothing.

    A name is at most five words and 40 characters: letters of any script with their marks, joined by apostrophes,
    hyphens or middle dots; a full stop ends initials and short abbreviations only. Nothing in it can become a link, a
    number or a price.
    """
    if len(text) > _LONGEST_CHARACTERS or "www." in text.lower():
        return ""
    return text if _NAME.fullmatch("".join(map(_kind, text))) else ""


def _kind(character: str) -> str:
    """L for a letter, M for its mark, a blank, or what joins letters; ? for all that no name holds."""
    category = unicodedata.category(character)
    by_category = {"Lu": "L", "Ll": "L", "Lt": "L", "Lm": "L", "Lo": "L", "Mn": "M", "Mc": "M", "Zs": " "}
    return _KINDS.get(character, by_category.get(category, "?"))
