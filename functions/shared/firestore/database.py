"""
Firestore as the functions use it: documents by their paths, `collection/id`, in plain values.

What is written is a str, bool, int, float, bytes, datetime with a time zone, None, or a mapping of these.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

Fields = Mapping[str, Any]


class Create(NamedTuple):
    """Write a document that must not exist yet."""

    path: str
    fields: Fields


class Put(NamedTuple):
    """Write a document, whether it exists or not."""

    path: str
    fields: Fields


class Update(NamedTuple):
    """Write these fields of a document that must still be at version `at`: the update time that was read."""

    path: str
    fields: Fields
    at: object


class Delete(NamedTuple):
    """Delete a document that must still be at version `at`."""

    path: str
    at: object


Write = Create | Put | Update | Delete


@dataclass(frozen=True)
class Document:
    """A document as it was found. Both times are the store's."""

    path: str
    fields: Fields
    create_time: datetime
    update_time: datetime

    @property
    def id(self) -> str:
        return self.path.partition("/")[2]


class DatabaseError(Exception):
    """The call failed. A commit may have been made all the same."""


class PreconditionError(DatabaseError):
    """A document exists, is missing or is at another version. Nothing was written, unless an earlier reply was lost."""


class Database(Protocol):
    """One project's database. Each call with all its repeats ends within two seconds, or raises DatabaseError."""

    def commit(self, *writes: Write) -> datetime:
        """
        Make all writes or none, and return the update time of the last document.

        Raises:
            PreconditionError: What one of them demands is not so.
        """

    def get(self, *paths: str, only: Collection[str] = ()) -> tuple[list[Document | None], datetime]:
        """
        Read documents, and say when that was. Each is in its path's place, None where there is none.

        `only` names the fields that are read.
        """

    def page(self, collection: str, *, after: str = "", until: str = "", limit: int) -> tuple[list[Document], datetime]:
        """
        Read the first documents by id, and say when that was.

        Only those after one id, and up to another with it, where these are given.
        """

    def count(self, collection: str, *, after: str = "", until: str = "") -> int:
        """Count the documents, of those ids."""


Connect = Callable[[], Database]  # to be called for each use: the first connects


@contextmanager
def failing_as(kind: type[Exception]) -> Iterator[None]:
    """Raise `kind` in place of DatabaseError."""
    try:
        yield
    except DatabaseError as error:
        raise kind from error
