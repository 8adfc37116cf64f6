"""Passwords that attackers try first."""

import unicodedata
from pathlib import Path

_COMMON = Path(__file__).with_name("common_passwords.txt")


class PasswordBlocklist:
    """
    A text file of passwords, one a line; blanks around them do not count.

    One that is too short to be chosen still counts when it is repeated: `password1password1`. A longer file takes
    longer to search: 30 µs for the list that comes with Usher.
    """

    def __init__(self, file: Path) -> None:
        lines = file.read_text("utf-8-sig").splitlines()
        words = {repeated_word(password) for line in lines if (password := line.strip())}
        if not words:
            raise ValueError("no password in the file")
        self._lines = "\n".join(["", *words, ""])  # a tenth of a set's memory

    @classmethod
    def common(cls) -> "PasswordBlocklist":
        """The list that comes with Usher: scripts/common-passwords."""
        return cls(_COMMON)

    @classmethod
    def parse(cls, path: str) -> "PasswordBlocklist":
        """
        Read another file.

        Raises:
            ValueError: It cannot be read or holds none.
        """
        try:
            return cls(Path(path))
        except (OSError, ValueError):
            raise ValueError("Expected the path of a text file in UTF-8, a password a line") from None

    def __contains__(self, password: str) -> bool:
        word = repeated_word(password)
        return "\n" not in word and f"\n{word}\n" in self._lines


def repeated_word(text: str) -> str:
    """The shortest word that makes the text, by standing there once or several times; upper and lower case are one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded[: (folded + folded).find(folded, 1)]
