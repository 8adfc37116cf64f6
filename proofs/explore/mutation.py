"""Imports the project again, with one line of one module changed. Files and earlier imports stay as they are."""

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

# A write without a condition, in a module that imports none.
PUT = '__import__("shared.firestore.database", fromlist=["Put"]).Put'
_FUNCTIONS = ("shared", "create_user", "relay_outbox", "send_email")
_OURS = (*_FUNCTIONS, "operations", "pusher", "testkit", "proofs.explore.models", "proofs.explore.database")


@dataclass(frozen=True)
class Mutant:
    """A protection broken: in `module`, `old`, which is there once, becomes `new`."""

    name: str
    module: str
    old: str
    new: str

    def applied_to(self, source: str) -> str:
        if source.count(self.old) != 1:
            raise StaleMutantError(self.name)
        return source.replace(self.old, self.new)


class StaleMutantError(Exception):
    """The module's source does not have the mutant's line, once."""


class _MutatedSource(SourceFileLoader):
    def __init__(self, mutant: Mutant, path: str) -> None:
        super().__init__(mutant.module, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002  the base class's
        source = self.get_data(self.path).decode()
        return compile(self._mutant.applied_to(source), self.path, "exec")


@dataclass(frozen=True)
class _Finder(MetaPathFinder):
    mutant: Mutant

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.mutant.module or not (found := PathFinder.find_spec(name, path, target)) or not found.origin:
            return None
        return importlib.util.spec_from_file_location(name, loader=_MutatedSource(self.mutant, found.origin))


@contextmanager
def freshly_imported(mutant: Mutant | None = None) -> Iterator[None]:
    """Inside, imports of the project and of the models make new modules; afterwards all is as it was."""
    before = {name: module for name, module in sys.modules.items() if _is_ours(name)}
    finders = [_Finder(mutant)] if mutant else []
    for name in before:
        del sys.modules[name]
    sys.meta_path[:0] = finders
    try:
        yield
    finally:
        for finder in finders:
            sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if _is_ours(name)]:
            del sys.modules[name]
        sys.modules.update(before)


def _is_ours(name: str) -> bool:
    # protobuf allows a message to be declared once
    return (name.startswith(tuple(f"{each}." for each in _OURS)) and not name.endswith("_pb2")) or name in _OURS
