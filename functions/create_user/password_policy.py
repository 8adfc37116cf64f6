"""What a password must be: NIST SP 800-63B-4, for a password that is the only factor."""

import unicodedata
from dataclasses import dataclass

_MAXIMUM_LENGTH = 256


class PasswordRefusedError(ValueError):
    """The password is not acceptable; the text says why, for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class PasswordPolicy:
    """Any characters, no rules of composition. Lengths count Unicode code points in NFC."""

    minimum_length: int

    def check(self, password: str) -> None:
        """
        Accept the password by returning.

        Raises:
            PasswordRefusedError: It is too short or too long.
        """
        length = len(unicodedata.normalize("NFC", password))
        if length < self.minimum_length:
            raise PasswordRefusedError("too-short", f"needs {self.minimum_length} characters, has {length}")
        if length > _MAXIMUM_LENGTH:
            raise PasswordRefusedError("too-long", f"may have {_MAXIMUM_LENGTH} characters, has {length}")
