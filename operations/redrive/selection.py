"""What a redrive is asked for, and what it reports about each thing it finds."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Selection:
    """No `ids` means all. A dry run changes nothing. `subscribers` are names of functions."""

    ids: frozenset[str] = frozenset()
    subscribers: frozenset[str]
    dry_run: bool = False

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
