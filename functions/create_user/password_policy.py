"""What a password must be: NIST SP 800-63B-4, for a password that is the only factor."""

import unicodedata
from dataclasses import dataclass

from .easy_passwords import is_easily_guessed
from .password_blocklist import PasswordBlocklist
from .password_spelling import Spelling, folded

_MAXIMUM_LENGTH = 256
_LONGEST_TYPED = 4 * _MAXIMUM_LENGTH  # NFC makes no text four times shorter
_MARKS_IN_ONE = 3  # at most so many combining marks become part of one character
_TOO_MANY_MARKS = b"\1" * (_MAXIMUM_LENGTH + _MARKS_IN_ONE + 1)


class PasswordRefusedError(ValueError):
    """The password is not acceptable; the text says why, for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class PasswordPolicy:
    """
    Any characters, no rules of composition. Lengths count Unicode code points in NFC.

    What is easily guessed is refused when it is the whole password, however it is dressed up; never as a part of it.
    """

    minimum_length: int
    product_name: str
    blocklist: PasswordBlocklist

    def check(self, password: str, personal: dict[str, str]) -> None:
        """
        Accept the password by returning. `personal` is what is known of its owner: `{"your name": "Ewan"}`.

        Raises:
            PasswordRefusedError: It is too short, too long or easily guessed.
        """
        composed = _composed(password)
        if len(composed) > _MAXIMUM_LENGTH:
            raise PasswordRefusedError("too-long", f"must be at most {_MAXIMUM_LENGTH} characters")
        if len(composed) < self.minimum_length:
            length = len(composed)
            raise PasswordRefusedError("too-short", f"must be at least {self.minimum_length} characters (got {length})")
        text = folded(composed)
        spelling = Spelling.of(text)
        for what, word in ({"the name of this service": self.product_name} | personal).items():
            if spelling.is_made_of(Spelling.of(folded(word)).read):
                raise PasswordRefusedError("too-personal", f"must be more than {what}")
        if is_easily_guessed(text, self.blocklist):
            raise PasswordRefusedError("too-common", "is a commonly used password or easily derived from one")


def _composed(password: str) -> str:
    """The password in NFC, unless that is too long anyway: the time to normalise grows as the square of the marks."""
    if len(password) > _LONGEST_TYPED or _TOO_MANY_MARKS in bytes(map(bool, map(unicodedata.combining, password))):
        return password
    return unicodedata.normalize("NFC", password)
