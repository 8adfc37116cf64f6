"""A scope: which processes meet, over what is stored at first, and how many faults there may be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from proofs.explore.models.outside import replace_what_is_outside
from proofs.explore.models.people import Person
from proofs.explore.models.usher import Usher
from proofs.explore.world import NOTHING_YET, World

replace_what_is_outside()


@dataclass(frozen=True)
class Scope:
    """`faults` are explored in a few seconds, `most_faults` in minutes."""

    name: str
    processes: Mapping[str, Callable[[], str]]
    faults: int
    most_faults: int
    start: World = NOTHING_YET
    refusals: bool = False
    owner: Person | None = None

    def model(self, faults: int) -> Usher:
        return Usher(self.processes, faults, self.start, self.refusals, self.owner)
