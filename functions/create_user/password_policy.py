"""What a password must be: NIST SP 800-63B-4, for a password that is the only factor."""

import unicodedata
from dataclasses import dataclass

from .password_blocklist import PasswordBlocklist, repeated_word

_MAXIMUM_LENGTH = 256


class PasswordRefusedError(ValueError):
    """The password is not acceptable; the text says why, for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class PasswordPolicy:
    """
    Any characters, no rules of composition. Lengths count Unicode code points in NFC.

    What is easily guessed is refused when it is the whole password, once or repeated; never as a part of it.
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
        length = len(unicodedata.normalize("NFC", password))
        if length < self.minimum_length:
            raise PasswordRefusedError("too-short", f"needs {self.minimum_length} characters, has {length}")
        if length > _MAXIMUM_LENGTH:
            raise PasswordRefusedError("too-long", f"may have {_MAXIMUM_LENGTH} characters, has {length}")
        for what, word in ({"the name of this service": self.product_name} | personal).items():
            if repeated_word(password) == repeated_word(word):
                raise PasswordRefusedError("too-personal", f"must not be {what}, once or repeated")
        if password in self.blocklist:
            raise PasswordRefusedError("too-common", "is one that attackers try first, or such a one repeated")
