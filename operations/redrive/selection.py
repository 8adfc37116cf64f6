"""What a redrive is asked for, and what it reports about each thing it finds."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID


class NoSuchUserError(Exception):
    """The user to go on after is not stored."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """
    No `ids` means all. A dry run changes nothing. `subscribers` are names of functions.

    A redrive that reads all users begins after the one with the id `after`, and tells `reached` how far it has come.
    """

    ids: frozenset[str] = frozenset()
    subscribers: frozenset[str]
    dry_run: bool = False
    after: str = ""
    reached: Callable[[str], None] = lambda _: None

    def takes(self, *ids: str) -> bool:
        """Whether something with any of these ids is selected."""
        return not self.ids or not self.ids.isdisjoint(ids)


@dataclass(frozen=True)
class Outcome:
    """The outcome for one thing. `ids` are its ids; `left` says why it could not be put back."""

    ids: tuple[str, ...]
    left: str = ""


def is_uuid(text: str) -> bool:
    """Input from outside names no document, and is not printed, unless it is a UUID."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
