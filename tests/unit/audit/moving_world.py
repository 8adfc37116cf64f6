"""A small Usher that goes on working whenever an audit reads: every read comes after as many steps as chance has it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from audit.events import Pushes
from audit.records import Backlog, Backlogs, Deliveries, DeliveryRecord, Reservation, StoredUser, Subscriber
from audit.report import Pile
from shared.users.address_key import reservation_id

MAIL, SMS = Subscriber("send_email", "send-email"), Subscriber("notify_admin", "notify-admin")
DEAD = "dead-letters"
ATTEMPTS_SECONDS = 40
PUSHES = Pushes(subscribers=[MAIL, SMS], dead_letters=DEAD, attempts_seconds=ATTEMPTS_SECONDS)
START = datetime(2026, 11, 29, tzinfo=UTC)


@dataclass
class User:
    """`messages` are by subscription, each with the time of its publication; `records` by subscriber."""

    name: str
    stored_at: int
    is_in_outbox: bool = True
    messages: dict[str, int] = field(default_factory=dict)
    records: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass
class MovingWorld:
    """Time goes on by a second with each step. `most_steps` are made before each read, at most."""

    chance: Random
    most_steps: int = 4
    now: int = 0
    users: dict[str, User] = field(default_factory=dict)
    reservations: dict[str, str] = field(default_factory=dict)
    seen: list[Backlogs] = field(default_factory=list)

    def sign_up(self) -> User:
        user = User(f"user-{len(self.users)}", self.now)
        self.users[user.name] = user
        self.reservations[reservation_id(address(user.name))] = user.name
        return user

    def go_on(self, steps: int | None = None) -> None:
        for _ in range(self.chance.randrange(self.most_steps + 1) if steps is None else steps):
            self.now += 1
            step = self.chance.choice([self._publish, self._clear, self._claim, self._end, self._die, self._redrive])
            if self.users and self.chance.random() < 0.9:
                step(self.chance.choice(list(self.users.values())))
            elif len(self.users) < 6:
                self.sign_up()
            self.seen.append(self._backlogs())

    def settle(self) -> None:
        """Bring every event to every subscriber that has a message of it, or will have."""
        while any(user.is_in_outbox or user.messages for user in self.users.values()):
            self.go_on(20)
        self.go_on(2 * ATTEMPTS_SECONDS)

    # What Usher does, a step at a time

    def _publish(self, user: User) -> None:
        if user.is_in_outbox:
            user.messages |= {subscriber.subscription: self.now for subscriber in (MAIL, SMS)}

    def _clear(self, user: User) -> None:
        if user.messages or user.records:
            user.is_in_outbox = False

    def _claim(self, user: User) -> None:
        subscriber = self.chance.choice([MAIL, SMS])
        if subscriber.subscription in user.messages and self._state(user, subscriber) != "sent":
            user.records[subscriber.name] = ("sending", self.now)

    def _end(self, user: User) -> None:
        """Release or send; what is sent is acknowledged some time later."""
        subscriber = self.chance.choice([MAIL, SMS])
        match self._state(user, subscriber):
            case "sending":
                user.records[subscriber.name] = (self.chance.choice(["released", "sent"]), self.now)
            case "sent":
                user.messages.pop(subscriber.subscription, None)

    def _die(self, user: User) -> None:
        """A subscriber that was down for all attempts: there is not even a record."""
        subscriber = self.chance.choice([MAIL, SMS])
        published = user.messages.get(subscriber.subscription, self.now)
        if self.now - published > ATTEMPTS_SECONDS and self._state(user, subscriber) != "sent":
            user.messages[DEAD] = self.now
            del user.messages[subscriber.subscription]

    def _redrive(self, user: User) -> None:
        if DEAD not in user.messages:
            return
        if user.is_in_outbox:
            del user.messages[DEAD]
        user.is_in_outbox = True

    def _state(self, user: User, subscriber: Subscriber) -> str:
        return user.records.get(subscriber.name, ("", 0))[0]

    # What an audit reads

    def stored(self, user_ids: Collection[str]) -> Sequence[StoredUser]:
        self.go_on()
        return [
            StoredUser(each.name, f"event-of-{each.name}", address(each.name), self.now - each.stored_at)
            for each in self.users.values()
            if each.name in user_ids
        ]

    def users_in_pages(self) -> Iterator[Sequence[StoredUser]]:
        names = list(self.users)
        for start in range(0, len(names), 2):
            yield self.stored(names[start : start + 2])

    def reserved(self, users: Sequence[StoredUser]) -> Collection[str]:
        self.go_on()
        return {user.user_id for user in users if self.reservations.get(reservation_id(user.address)) == user.user_id}

    def reservations_from(self, first: str) -> Iterator[Sequence[Reservation]]:
        self.go_on()
        yield [Reservation(name, user) for name, user in sorted(self.reservations.items()) if name >= first]

    def reservations_with(self, ids: Collection[str]) -> Sequence[Reservation]:
        self.go_on()
        return [Reservation(name, user) for name, user in self.reservations.items() if name in ids]

    def deliveries(self, subscribers: Collection[str], event_ids: Collection[str]) -> Deliveries:
        self.go_on()
        return {
            (subscriber, event_id): DeliveryRecord(state == "sent", self.now - at, 0)
            for event_id in event_ids
            for subscriber, (state, at) in self.users[event_id.removeprefix("event-of-")].records.items()
            if subscriber in subscribers
        }

    def in_outbox(self, event_ids: Collection[str]) -> tuple[Collection[str], datetime | None]:
        self.go_on()
        waiting = {f"event-of-{user.name}" for user in self.users.values() if user.is_in_outbox}
        return waiting & set(event_ids), self._time() if event_ids else None

    def backlogs(self) -> Backlogs:
        """As of some time ago."""
        self.go_on()
        return self.seen[-1 - self.chance.randrange(min(len(self.seen), 10))]

    def _backlogs(self) -> Backlogs:
        found = {}
        for name in (MAIL.subscription, SMS.subscription, DEAD):
            published = [user.messages[name] for user in self.users.values() if name in user.messages]
            oldest = min(published, default=self.now) - 1  # inexact, as Cloud Monitoring is
            found[name] = Backlog(self._time(), len(published), self._time(oldest))
        return found

    def _time(self, seconds: int | None = None) -> datetime:
        return START + timedelta(seconds=self.now if seconds is None else seconds)


@dataclass(frozen=True)
class Reading:
    """The world through the port of an audit, whose names some fields of the world have."""

    world: MovingWorld

    def users(self, created_from: datetime, created_to: datetime, *, after: str) -> Iterator[Sequence[StoredUser]]:
        del created_from, created_to, after
        return self.world.users_in_pages()

    def reservations(self, first: str) -> Iterator[Sequence[Reservation]]:
        return self.world.reservations_from(first)

    def stored(self, user_ids: Collection[str]) -> Sequence[StoredUser]:
        return self.world.stored(user_ids)

    def reserved(self, users: Sequence[StoredUser]) -> Collection[str]:
        return self.world.reserved(users)

    def reservations_with(self, ids: Collection[str]) -> Sequence[Reservation]:
        return self.world.reservations_with(ids)

    def deliveries(self, subscribers: Collection[str], event_ids: Collection[str]) -> Deliveries:
        return self.world.deliveries(subscribers, event_ids)

    def in_outbox(self, event_ids: Collection[str]) -> tuple[Collection[str], datetime | None]:
        return self.world.in_outbox(event_ids)

    def outbox(self) -> Pile:
        return Pile(sum(user.is_in_outbox for user in self.world.users.values()))

    def undeliverable(self) -> Pile:
        return Pile()

    def malformed(self) -> Pile:
        return Pile()


def address(name: str) -> str:
    return f"{name}@example.com"
