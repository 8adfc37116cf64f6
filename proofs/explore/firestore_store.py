"""
What Firestore does with the calls that Usher makes: commit, get and query.

Times are versions, in microseconds: a commit's is the clock's, or one more than any that the documents it writes have
had, so that each document's only grow, also across deletions, and all writes of a commit have one.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from operator import eq, gt
from typing import Any, NamedTuple

from google.api_core.exceptions import AlreadyExists, FailedPrecondition, GoogleAPIError, NotFound

from proofs.explore.replay import Told
from shared.contract.documents import OUTBOX

ALREADY_EXISTS, FAILED_PRECONDITION, NOT_FOUND = AlreadyExists(""), FailedPrecondition(""), NotFound("")  # type: ignore[no-untyped-call]  # the library's gap
_BEGINNING = datetime(2026, 11, 5, tzinfo=UTC)


class Frozen(tuple[tuple[str, Any], ...]):
    """A mapping that can be a key of another."""

    __slots__ = ()


def frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Frozen(sorted((name, frozen(each)) for name, each in value.items()))
    return value


def thawed(value: Any) -> Any:
    return {name: thawed(each) for name, each in value} if isinstance(value, Frozen) else value


class Document(NamedTuple):
    """`fields` are None where it was deleted."""

    fields: Frozen | None = None
    created: int = 0
    updated: int = 0


class Write(NamedTuple):
    """`verb` is create, set, update or delete; `at_version` its precondition."""

    verb: str
    path: str
    fields: Frozen = Frozen()
    at_version: int | None = None


Documents = Frozen  # of Document by path
NOTHING = Document()


def commit(documents: Documents, writes: tuple[Write, ...], clock: int = 0) -> tuple[Documents, Told]:
    """All writes or none. Told: the update time of each. A write that changes nothing keeps its document's."""
    found = dict(documents)
    now = max(clock, 1 + max(found.get(write.path, NOTHING).updated for write in writes))
    times = []
    for write in writes:
        there = found.get(write.path, NOTHING)
        if error := _refusal(write, there):
            return documents, Told(error=error)
        if write.verb == "delete":
            if there.fields is not None:
                found[write.path] = Document(None, 0, now)
            times.append(now)
            continue
        fields = write.fields
        if write.verb == "update":
            fields = Frozen(sorted({**dict(there.fields or ()), **dict(write.fields)}.items()))
        if fields != there.fields:
            created = now if there.fields is None else there.created
            found[write.path] = Document(fields, created, now)
        times.append(found[write.path].updated)
    return Documents(sorted(found.items())), Told(tuple(times))


def expired(documents: Documents, clock: int) -> Documents:
    """What is left once everything was deleted whose time is over."""
    gone = Document(None, 0, clock)
    return Documents((path, gone if _is_over(document, clock) else document) for path, document in documents)


def _is_over(document: Document, clock: int) -> bool:
    expires_at = dict(document.fields or ()).get("expires_at")
    return expires_at is not None and bool(expires_at <= time_of(clock))


def _refusal(write: Write, there: Document) -> GoogleAPIError | None:
    exists = there.fields is not None
    if write.verb == "create" and exists:
        return ALREADY_EXISTS
    if write.at_version is not None and not (exists and there.updated == write.at_version):
        return FAILED_PRECONDITION
    if write.verb == "update" and not exists:
        return NOT_FOUND
    return None


def is_void(documents: Documents, writes: tuple[Write, ...]) -> bool:
    """
    Whether the commit can never change anything any more: versions do not come back, users are not
    deleted, and no call is under way for the days until a record expires.
    """
    found = dict(documents)
    for write in writes:
        there = found.get(write.path, NOTHING)
        if write.at_version is not None and write.at_version != there.updated:
            return True
        if write.verb == "create" and there.fields is not None and not write.path.startswith(f"{OUTBOX}/"):
            return True
    return False


_COMPARED = {"==": eq, ">": gt}


def matches(document: Document, filters: Iterable[tuple[str, str, Any]]) -> bool:
    """A document without the field matches no filter."""
    fields = dict(document.fields or ())
    return all(name in fields and _COMPARED[op](fields[name], value) for name, op, value in filters)


def place_in(order: str, path: str, document: Document) -> tuple[Any, ...]:
    """Where a document is in a query's order."""
    return (path,) if order == "__name__" else (dict(document.fields or ())[order], path)


def in_collection(documents: Documents, collection: str) -> Iterable[tuple[str, Document]]:
    """Those that exist, by name."""
    return ((path, each) for path, each in documents if each.fields is not None and path.startswith(f"{collection}/"))


def time_of(version: int) -> datetime:
    return _BEGINNING + timedelta(microseconds=version)


def version_at(time: datetime) -> int:
    return (time - _BEGINNING) // timedelta(microseconds=1)
