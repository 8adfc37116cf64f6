"""What an audit reads: the ports, and what comes through them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from .report import Pile


class RecordsUnavailableError(Exception):
    """The store did not respond."""


class NoSuchUserError(Exception):
    """The user to continue after is not stored."""


@dataclass(frozen=True)
class Subscriber:
    """An `optional` one may have been added lately: nothing is expected of it before its first delivery."""

    name: str
    subscription: str
    optional: bool = False


@dataclass(frozen=True)
class StoredUser:
    """Without an event or an address it cannot be read. Ages are the store's."""

    user_id: str
    event_id: str
    address: str = field(repr=False)
    age_seconds: float

    @property
    def is_readable(self) -> bool:
        return bool(self.event_id and self.address)


@dataclass(frozen=True)
class Reservation:
    """The reservation of an address, by the id made of it."""

    id: str = field(repr=False)
    user_id: str


@dataclass(frozen=True)
class DeliveryRecord:
    """How a delivery stands since it was last written. `possible_duplicates` counts attempts whose end is unknown."""

    is_finished: bool
    age_seconds: float
    possible_duplicates: int


@dataclass(frozen=True)
class Backlog:
    """
    How many messages a subscription held at some time, and when the oldest of them was published, at the earliest.

    Where there was none, `oldest` is about that time.
    """

    as_of: datetime
    messages: int
    oldest: datetime

    def pile(self) -> Pile:
        return Pile(self.messages, (self.as_of - self.oldest).total_seconds())


Backlogs = Mapping[str, Backlog]  # by subscription; one that nobody can tell about is missing
Deliveries = Mapping[tuple[str, str], DeliveryRecord]  # by the subscriber's name and the event's id


class Records(Protocol):
    """What is stored. Every method raises RecordsUnavailableError if the store does not respond."""

    def users(self, created_from: datetime, created_to: datetime, *, after: str) -> Iterator[Sequence[StoredUser]]:
        """
        Those created in between, oldest first, page by page; only those that follow the user `after`, if any.

        Raises:
            NoSuchUserError: That user is not stored.
        """

    def stored(self, user_ids: Collection[str]) -> Sequence[StoredUser]:
        """Those of them that are stored."""

    def reservations(self, first: str) -> Iterator[Sequence[Reservation]]:
        """Those whose id is `first` or comes after it, page by page."""

    def reservations_with(self, ids: Collection[str]) -> Sequence[Reservation]:
        """Those that exist."""

    def reserved(self, users: Sequence[StoredUser]) -> Collection[str]:
        """The ids of those users who hold the reservation of their address."""

    def deliveries(self, subscribers: Collection[str], event_ids: Collection[str]) -> Deliveries: ...

    def in_outbox(self, event_ids: Collection[str]) -> tuple[Collection[str], datetime | None]:
        """Those that are there, and when they were looked for, on the store's clock."""

    def outbox(self) -> Pile: ...

    def undeliverable(self) -> Pile: ...

    def malformed(self) -> Pile: ...


class Messages(Protocol):
    """What is published and not acknowledged."""

    def backlogs(self) -> Backlogs: ...
