"""Explores Usher as it is, scope by scope, and with each of its protections broken."""

import gc
import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from time import process_time
from types import MappingProxyType

from proofs.explore.engine import Exploration, Explorer
from proofs.explore.mutants import MUTANTS
from proofs.explore.mutation import Mutant, freshly_imported

_SCOPES = "proofs.explore.models.scopes"
_MUTANT_FAULTS = (0, 1)

Place = tuple[str, int]  # a scope's name, and how many faults there may be


@dataclass(frozen=True)
class Explored:
    """`mutant` is what was broken, if anything was."""

    scope: str
    processes: int
    faults: int
    exploration: Exploration
    seconds: float
    mutant: Mutant | None = None


def explore_scopes(*, quickly: bool) -> Iterator[Explored]:
    with freshly_imported():
        for scope in import_module(_SCOPES).SCOPES:
            faults = scope.faults if quickly else scope.most_faults
            started = process_time()
            with _keeping_all():
                exploration = Explorer(scope.model(faults)).explore()
            yield Explored(scope.name, len(scope.processes), faults, exploration, process_time() - started)


@contextmanager
def _keeping_all() -> Iterator[None]:
    """States are kept to the end: looking for garbage among them would take a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def run_mutants(*names: str, places: Mapping[str, Place] = MappingProxyType({})) -> Iterator[Explored]:
    """
    Explore each mutant, few faults first, until a promise breaks. All of them, unless some are named.

    Where `places` has it, by its name, it is explored there alone.
    """
    for mutant in MUTANTS:
        mutant.applied_to(inspect.getsource(import_module(mutant.module)))
    for mutant in MUTANTS:
        if not names or mutant.name in names:
            yield _first_broken(mutant, places.get(mutant.name))


def _first_broken(mutant: Mutant, place: Place | None) -> Explored:
    started = process_time()
    with freshly_imported(mutant):
        scopes = import_module(_SCOPES).SCOPES
        for faults in _MUTANT_FAULTS:
            for scope in scopes:
                if faults <= scope.most_faults and place in {None, (scope.name, faults)}:
                    exploration = Explorer(scope.model(faults)).explore()
                    found = Explored(
                        scope.name, len(scope.processes), faults, exploration, process_time() - started, mutant
                    )
                    if exploration.breaks_a_promise:
                        return found
    return found
