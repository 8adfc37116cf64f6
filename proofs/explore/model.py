"""What the engine explores: a model says which processes there are, what becomes of their calls, and what must hold."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from proofs.explore.replay import Call, Told

S = TypeVar("S", bound=Hashable)  # what is stored


class Outcome(NamedTuple, Generic[S]):
    """A way in which a call is carried out: what is stored then, what the caller is told, how many faults it is."""

    how: str
    stored: S
    told: Told
    faults: int = 0


class Model(Protocol[S]):
    """Processes, and the world that they share. Each process returns its answer in words."""

    processes: Mapping[str, Callable[[], str]]
    faults: int
    start: S

    def outcomes(self, call: Call, stored: S) -> Sequence[Outcome[S]]:
        """How a call may be carried out, the usual way first. None: the process waits until there is one."""

    def unanswered(self, call: Call) -> Sequence[Told]:
        """What the caller may be told when no reply arrives. Nothing: the call cannot fail."""

    def is_void(self, call: Call, stored: S) -> bool:
        """Whether a call under way can never change anything any more."""

    def broken(self, stored: S) -> str:
        """Which promise does not hold, or nothing."""

    def broken_by(self, process: str, answer: str, stored: S) -> str:
        """Which promise an answer breaks, or nothing."""

    def unfinished(self, stored: S) -> str:
        """What one undisturbed run of the relay and of every push leaves unfinished, or nothing."""

    def describe(self, stored: S) -> str:
        """What is stored, in a few words."""
