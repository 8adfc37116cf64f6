"""One spelling for the many that a word is dressed up in: case, width, punctuation, digits for letters, repetition."""

import re
import unicodedata
from collections.abc import Iterable
from io import StringIO
from typing import NamedTuple

from .invisible import INVISIBLE

_NOT_A_LINE_END = r"[\x00-\x09\x0b-\x20\"#%-/:-?\[-`{-\xbf]+|[\u2000-\u206f\u3000-\u303f]+"
_SEPARATORS_IN_A_LINE = re.compile(_NOT_A_LINE_END)
SEPARATORS = re.compile(f"\n+|{_NOT_A_LINE_END}")  # blanks, controls, punctuation
_BLANK = re.compile(rf"[{INVISIBLE}\x00-\x1f\x7f-\x9f]")  # controls show nothing, either
_LETTER = re.compile(r"[^\d@$!]")  # @, $ and ! may stand for letters, so they are not separators
_SWAPS = list(zip("01345789@$!l", "oieastbgasii", strict=True))  # 1 is read as l and as i, so these two are one
_SHORTEST = 3  # of a word that may be dressed up: a shorter one is part of too many texts
_LONGEST = 256


def folded(text: str) -> str:
    """
    The text in one case and one width, with a blank for each character that shows nothing.

    Characters that stand for many stay as they are, where the text became too long without them.
    """
    narrow = unicodedata.normalize("NFKC", text)
    return _BLANK.sub(" ", (narrow if len(narrow) <= _LONGEST else text).casefold())


def spelled_lines(text: str) -> Iterable[str]:
    """How each line reads, with its end. Spells them all at once, for there may be many."""
    return StringIO(_read(_SEPARATORS_IN_A_LINE.sub("", unicodedata.normalize("NFKC", text).casefold())))


def read_word(typed: str) -> str:
    """How a word reads without the digits and signs around it."""
    return _read(typed.strip("0123456789@$!"))


def _read(typed: str) -> str:
    for sign, letter in _SWAPS:
        typed = typed.replace(sign, letter)  # in a long text faster than str.translate
    return typed


class Spelling(NamedTuple):
    """A text without separators, as `typed` and, as long, as `read`: `p4$$-w0rd` reads `password`."""

    typed: str
    read: str

    @classmethod
    def of(cls, text: str) -> "Spelling":
        """Spell a folded text."""
        typed = SEPARATORS.sub("", text)
        return cls(typed, _read(typed))

    def once(self) -> "Spelling":
        """The shortest text that makes it, once or repeated."""
        end = (self.read + self.read).find(self.read, 1)
        return Spelling(self.typed[:end], self.read[:end])

    def next_letter(self, start: int) -> int:
        """Where, from `start` on, the next thing is that is neither a digit nor a sign; the end if there is none."""
        letter = _LETTER.search(self.typed, start)
        return letter.start() if letter else len(self.typed)

    def after_last_letter(self) -> int:
        letter = _LETTER.search(self.typed[::-1])
        return len(self.typed) - letter.start() if letter else 0

    def without_digits_around(self) -> "Spelling":
        """The text without the digits and signs at its beginning and its end."""
        inside = slice(self.next_letter(0), self.after_last_letter())
        return Spelling(self.typed[inside], self.read[inside])

    def count_letters(self, start: int, end: int) -> int:
        return len(_LETTER.findall(self.typed, start, end))

    def is_made_of(self, word: str) -> bool:
        """Whether it is the word, once or several times, and otherwise only digits and signs."""
        if self.read == word != "":
            return True
        if len(word) < _SHORTEST or word not in self.read:
            return False
        others, start = [], 0
        for part in self.read.split(word):
            others.append(self.typed[start : start + len(part)])
            start += len(part) + len(word)
        return not _LETTER.search("".join(others))
