"""What must not be given away: in tests all secrets and personal data contain one word, which can be searched for."""

from collections.abc import Iterable

CANARY = "canary"
PASSWORD = "canary tractor violet harbour"
PEPPERS = "1:canary-pepper-that-protects-nothing-0000"
BCRYPT_HASH = "$2b$"


def leaks(lines: Iterable[str]) -> list[str]:
    """The lines that hold a password, a hash, a pepper, an address or a name."""
    return [line for line in lines if CANARY in line.casefold() or BCRYPT_HASH in line]
