"""The limit: bcrypt alone."""

from collections.abc import Callable

import bcrypt


def hashing(rounds: int) -> Callable[[], object]:
    """A hash as a sign-up makes one, of a password as long as bcrypt reads."""
    return lambda: bcrypt.hashpw(b"x" * 64, bcrypt.gensalt(rounds))
