"""The world that Usher's processes share, in memory: what is stored, on the topic, given up and mailed."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from google.api_core.exceptions import DeadlineExceeded, InvalidArgument, ServiceUnavailable

from proofs.explore import firestore_store
from proofs.explore.firestore_store import (
    NOTHING,
    Document,
    Documents,
    Frozen,
    Write,
    in_collection,
    matches,
    place_in,
    time_of,
    version_at,
)
from proofs.explore.messages import Copy
from proofs.explore.model import Outcome
from proofs.explore.replay import Call, Told

_INVALID = InvalidArgument("")  # type: ignore[no-untyped-call]  # the library's gap
NOT_PUBLISHED = "refused by Pub/Sub"
AFTER_THE_LEASE = "after the lease"
_LATE = version_at(time_of(0) + timedelta(days=3))  # later than any lease
NO_REPLY = Told(error=DeadlineExceeded(""))  # type: ignore[no-untyped-call]  # the library's gap
UNAVAILABLE = Told(error=ServiceUnavailable(""))  # type: ignore[no-untyped-call]  # the library's gap


class Mail(NamedTuple):
    """A mail about an event of that type and time. `link` is the token in it, if any."""

    event_id: str
    type: str
    to: str
    occurred_at: datetime
    link: str = ""


class World(NamedTuple):
    """`mails` are those that the mail server took. `clock` is the store's, in microseconds from the beginning."""

    documents: Documents = Documents()
    topic: tuple[Copy, ...] = ()
    dead_letters: tuple[Copy, ...] = ()
    mails: tuple[Mail, ...] = ()
    published: Frozen = Frozen()  # how often each event was, on the topic or as a dead letter
    clock: int = 0

    @property
    def now(self) -> datetime:
        return time_of(self.clock)

    def later(self, time: timedelta) -> "World":
        """Nothing is deleted yet of what has expired."""
        return self._replace(clock=self.clock + version_at(time_of(0) + time))

    def without_expired(self) -> "World":
        return self._replace(documents=firestore_store.expired(self.documents, self.clock))

    def document(self, path: str) -> dict[str, Any] | None:
        found: Document = dict(self.documents).get(path, NOTHING)
        return None if found.fields is None else firestore_store.thawed(found.fields)

    def all_in(self, collection: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for path, document in in_collection(self.documents, collection):
            yield path.partition("/")[2], firestore_store.thawed(document.fields)


NOTHING_YET = World()


def outcomes(call: Call, world: World) -> Sequence[Outcome[World]]:  # noqa: PLR0911  one for each kind of call
    """What becomes of a call, the usual way first."""
    arguments: Any = call.arguments
    match arguments:
        case ("get", *paths):
            stored = dict(world.documents)
            documents = tuple(stored.get(path, NOTHING) for path in paths)
            is_leased = any(dict(each.fields or ()).get("state") == "sending" for each in documents)
            ways = {"within the lease": 0, AFTER_THE_LEASE: _LATE} if is_leased else {"read": 0}
            read = _read_time(world, documents)
            return [Outcome(how, world, Told((read + late, documents))) for how, late in ways.items()]
        case ("query", collection, filters, order, after):
            matching = [each for each in in_collection(world.documents, collection) if matches(each[1], filters)]
            places = sorted((place_in(order, *each), each) for each in matching)
            found = tuple(each for place, each in places if place > after)
            read = _read_time(world, (document for _, document in found))
            return [Outcome(f"{len(found)} found", world, Told((read, found)))]
        case ("publish", copy):
            refused = Outcome(NOT_PUBLISHED, world, Told(error=_INVALID), faults=1)
            return [Outcome("published", _published(world, copy), Told()), refused]
        case ("receive",):
            return [Outcome("received", world, Told(copy)) for copy in world.topic]
        case ("acknowledge", copy):
            return [Outcome("acknowledged", world._replace(topic=_without(world.topic, {copy})), Told())]
        case ("store letter", copy):
            return [Outcome("stored", _given_up(world, copy), Told())]
        case ("pull",):
            return [Outcome(f"{len(world.dead_letters)} found", world, Told(world.dead_letters))]
        case ("acknowledge letters", *letters):
            left = _without(world.dead_letters, set(letters))
            return [Outcome("acknowledged", world._replace(dead_letters=left), Told())]
        case writes:
            documents, told = firestore_store.commit(world.documents, writes, world.clock)
            how = type(told.error).__name__ if told.error else "done"
            return [Outcome(how, world._replace(documents=documents), told)]


def is_void(call: Call, world: World) -> bool:
    """Whether a call under way can never change anything any more."""
    writes: Any = call.arguments
    return isinstance(writes[0], Write) and firestore_store.is_void(world.documents, writes)


def _read_time(world: World, documents: Iterable[Document]) -> int:
    """No document is newer than the read that finds it."""
    return max(world.clock, *(document.updated for document in documents), 0)


def _published(world: World, copy: Copy) -> World:
    numbered, stored = _numbered(world, copy)
    return numbered._replace(topic=tuple(sorted((*world.topic, stored))))


def _given_up(world: World, copy: Copy) -> World:
    numbered, stored = _numbered(world, copy)
    return numbered._replace(dead_letters=tuple(sorted((*world.dead_letters, stored))))


def _numbered(world: World, copy: Copy) -> tuple[World, Copy]:
    """The copy under a number that no other of its event has had."""
    times = dict(world.published)
    number = times[copy.event_id] = times.get(copy.event_id, 0) + 1
    return world._replace(published=Frozen(sorted(times.items()))), copy._replace(number=number)


def _without(copies: tuple[Copy, ...], gone: AbstractSet[Copy]) -> tuple[Copy, ...]:
    return tuple(copy for copy in copies if copy not in gone)
