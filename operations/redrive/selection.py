"""What a redrive is asked for, and what it says of each thing it meets."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Selection:
    """No `ids` means all. A dry run changes nothing. `subscribers` are names of functions."""

    ids: frozenset[str] = frozenset()
    subscribers: frozenset[str]
    dry_run: bool = False

    def takes(self, *ids: str) -> bool:
        """Whether a thing is selected that goes by any of these ids."""
        return not self.ids or not self.ids.isdisjoint(ids)


@dataclass(frozen=True)
class Outcome:
    """What became of one thing. `ids` are those it goes by; `left` says why it could not be put back."""

    ids: tuple[str, ...]
    left: str = ""


def is_uuid(text: str) -> bool:
    """What comes from outside names no document, and is not printed, before it is one."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
