"""Passwords that attackers try first: a list of common ones, and some famous passphrases."""

from pathlib import Path

from .password_spelling import spelled_lines

_COMMON = Path(__file__).with_name("common_passwords.txt")
_FAMOUS = Path(__file__).with_name("famous_passphrases.txt")
_SHORTEST = 4  # a shorter one is part of too many passwords
_WORDS_PER_TEXT = 16


class PasswordBlocklist:
    """
    A text file of passwords, one per line, and the famous passphrases that come with Usher.

    Contains the words as `Spelling.read` has them. A hash table whose entries are texts of about 16 lines: a tenth of a
    set's memory, and 0.2 µs a look-up, however long the file is.
    """

    def __init__(self, file: Path) -> None:
        lines = file.read_text("utf-8-sig")
        if not lines.strip():
            raise ValueError("no passwords in the file")
        lines = f"{lines}\n{_FAMOUS.read_text('utf-8')}\n"
        self._texts = ["\n"] * (lines.count("\n") // _WORDS_PER_TEXT + 1)
        for line in spelled_lines(lines):
            if len(line) > _SHORTEST:
                self._texts[hash(line) % len(self._texts)] += line

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
            raise ValueError("must be the path to a UTF-8 text file with one password per line") from None

    def __contains__(self, word: str) -> bool:
        line = f"{word}\n"
        return f"\n{line}" in self._texts[hash(line) % len(self._texts)]
