"""Fakes of the ports, in memory. Those with a real counterpart pass the same tests as it: tests/contract/."""

import itertools
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any

from create_user.registration import LookUp, OverloadedError, UndecidedError, UsersUnavailableError
from create_user.user import PasswordHash, StoredUser
from shared.broker.publisher import EventRefusedError, PublisherUnavailableError
from shared.deliveries.delivery import DeliveriesUnavailableError, Delivery, DeliveryConflictError, Version
from shared.events.event import Event, EventId, UserId
from shared.events.message import Message
from shared.outbox.outbox import Entry, EntryVersion, OutboxUnavailableError
from shared.users.address_key import address_key
from testkit.builders import NOW


@dataclass
class Outbox:
    """An entry's version is the number of its put; `age_seconds` is the age of all."""

    entries: dict[EventId, Entry] = field(default_factory=dict)
    page_size: int = 2
    is_down: bool = False
    age_seconds: float = 0.0
    _puts: Iterator[int] = field(default_factory=itertools.count)

    def put(self, event: Event) -> EntryVersion:
        version = EntryVersion(next(self._puts))
        self.entries[event.event_id] = Entry(event, version)
        return version

    def events(self) -> list[Event]:
        return [entry.event for entry in self.entries.values()]

    def pages(self) -> Iterator[Sequence[Entry]]:
        entries = [replace(entry, age_seconds=self.age_seconds) for entry in self.entries.values()]
        for start in range(0, len(entries), self.page_size):
            self._answer()
            yield entries[start : start + self.page_size]

    def clear(self, entry: Entry) -> None:
        self._answer()
        there = self.entries.get(entry.event.event_id)
        if there and there.version == entry.version:
            del self.entries[entry.event.event_id]

    def count(self) -> int:
        self._answer()
        return len(self.entries)

    def _answer(self) -> None:
        if self.is_down:
            raise OutboxUnavailableError


@dataclass
class Users:
    """The next `failing_commits` store nothing, the `lost_replies` after them store and do not say so."""

    outbox: Outbox = field(default_factory=Outbox)
    failing_commits: int = 0
    lost_replies: int = 0
    is_silent: bool = False
    stored: dict[UserId, StoredUser] = field(default_factory=dict)
    versions: dict[UserId, EntryVersion] = field(default_factory=dict)
    holders: dict[str, UserId] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: NOW

    def add(self, user: StoredUser, event: Event) -> EntryVersion:
        if self.failing_commits:
            self.failing_commits -= 1
            raise UndecidedError
        address = address_key(user.user.email)
        if user.user.id in self.stored or address in self.holders or event.event_id in self.outbox.entries:
            raise UndecidedError
        version = self.outbox.put(event)
        self.stored[user.user.id], self.versions[user.user.id] = user, version
        self.holders[address] = user.user.id
        if self.lost_replies:
            self.lost_replies -= 1
            raise UndecidedError
        return version

    def look_up(self, user_id: UserId, email: str) -> LookUp:
        if self.is_silent:
            raise UsersUnavailableError
        user = self.stored.get(user_id)
        stored = (user, self.versions[user_id]) if user else None
        return LookUp(stored, self.holders.get(address_key(email)), self.clock())


@dataclass
class Passwords:
    """Hashes by reversing; `turns` is how many more it has time for."""

    turns: int = 100

    def hash(self, password: str) -> PasswordHash:
        return PasswordHash(scheme="reversed", hash=self._reversed(password), rounds=1, pepper_version="1")

    def verify(self, password: str, password_hash: PasswordHash) -> bool:
        return self._reversed(password) == password_hash.hash

    def _reversed(self, password: str) -> str:
        if not self.turns:
            raise OverloadedError(10)
        self.turns -= 1
        return unicodedata.normalize("NFC", password)[::-1]


def outbox_of(*events: Event, **changes: Any) -> Outbox:
    outbox = Outbox(**changes)
    for event in events:
        outbox.put(event)
    return outbox


@dataclass
class Publisher:
    published: list[Event] = field(default_factory=list)
    refused: set[EventId] = field(default_factory=set)
    is_down: bool = False

    def publish(self, event: Event) -> None:
        if self.is_down:
            raise PublisherUnavailableError
        if event.event_id in self.refused:
            raise EventRefusedError
        self.published.append(event)


@dataclass
class Deliveries:
    """
    A record's version counts the writes that changed it; `clock` tells the store's seconds.

    The next `lost_replies` writes succeed and report a conflict with themselves, the next `silent_writes` do nothing.
    """

    records: dict[EventId, tuple[Delivery, Version, float]] = field(default_factory=dict)
    lost_replies: int = 0
    silent_writes: int = 0
    clock: Callable[[], float] = lambda: 0.0
    _writes: int = 0
    _lock: Lock = field(default_factory=Lock)

    def read(self, event_id: EventId) -> tuple[Delivery, Version, float]:
        delivery, version, written_at = self.records[event_id]
        return delivery, version, self.clock() - written_at

    def write(self, event_id: EventId, delivery: Delivery, *, replacing: Version | None) -> Version:
        if self.silent_writes:
            self.silent_writes -= 1
            raise DeliveriesUnavailableError
        with self._lock:
            there, stands_at, _ = self.records.get(event_id, (None, None, None))
            if replacing != stands_at:
                raise DeliveryConflictError
            if delivery != there:
                self.records[event_id] = delivery, self._next_version(), self.clock()
            _, version, _ = self.records[event_id]
        if self.lost_replies:
            self.lost_replies -= 1
            raise DeliveryConflictError
        return version

    def _next_version(self) -> Version:
        self._writes += 1
        return Version(NOW + timedelta(seconds=self.clock(), microseconds=self._writes))


@dataclass
class MalformedEvents:
    recorded: dict[str, tuple[Message, str]] = field(default_factory=dict)

    def record(self, message: Message, reason: str) -> str:
        record_id = sha256(repr((message.data, sorted(message.attributes.items()))).encode()).hexdigest()
        self.recorded[record_id] = message, reason
        return record_id
