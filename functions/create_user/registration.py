"""Register a user: steps 3 to 5 of docs/architecture.md."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid5

from shared.events.event import EventId, UserId
from shared.events.user_created import UserCreated
from shared.outbox.outbox import Entry, EntryVersion
from shared.runtime import tracing

from .user import NewUser, PasswordHash, StoredUser, User

EVENT_IDS = UUID("5b9fd1a7-4a5f-4c9c-9d0f-6c0b8f6b8f0e")  # their namespace


@dataclass(frozen=True)
class Registration:
    """A user as stored, and the outbox's entry that was stored with it: the event that says so."""

    user: User
    entry: Entry


class RegistrationError(Exception):
    """The user was not registered, or the outcome is unknown."""


class EmailTakenError(RegistrationError):
    """Another user holds the address. Nothing was stored."""


class IdempotencyKeyReusedError(RegistrationError):
    """The key was already used for a different sign-up. Nothing was stored."""


class UsersUnavailableError(RegistrationError):
    """The store did not respond: whether the user is stored is unknown. Repeating with the same key is safe."""


class OverloadedError(RegistrationError):
    """Hashing or verifying the password would have to wait too long. Nothing new was stored."""

    def __init__(self, expected_wait_seconds: float) -> None:
        super().__init__()
        self.expected_wait_seconds = expected_wait_seconds


class UnverifiableError(RegistrationError):
    """The stored hash names a pepper or a scheme that this revision does not know. A newer one does, at the latest."""


class UndecidedError(Exception):
    """Whether a commit succeeded has to be read back: it conflicted, perhaps with itself, or its reply is missing."""


class Passwords(Protocol):
    """Hashes passwords, a limited number at a time. Both methods raise OverloadedError, `verify` UnverifiableError."""

    def hash(self, password: str) -> PasswordHash: ...

    def verify(self, password: str, password_hash: PasswordHash) -> bool: ...


@dataclass(frozen=True)
class LookUp:
    """
    What the store holds: the user under an id, the user who holds an address; and `at` what time that was.

    With the first comes the version of the outbox's entry that was stored with it, whether that is still there. The
    time is the store's.
    """

    stored: tuple[StoredUser, EntryVersion] | None
    holder: UserId | None
    at: datetime


class Users(Protocol):
    """Keeps users."""

    def add(self, user: StoredUser, event: UserCreated) -> EntryVersion:
        """
        Store the user, the reservation of the address and the event in the outbox: all or nothing.

        Returns the version of the outbox's entry.

        Raises:
            UndecidedError: `look_up` must find out what happened.
        """

    def look_up(self, user_id: UserId, email: str) -> LookUp:
        """
        Look up the id and the address, in one read.

        Raises:
            UsersUnavailableError: The store did not respond.
        """


def register_user(
    new_user: NewUser,
    user_id: UserId,
    *,
    passwords: Passwords,
    users: Users,
    publish: Callable[[Entry], None],
    now: Callable[[], datetime],
    traceparent: str,
) -> Registration:
    """
    Store a user and publish `user.created`. Repeated, it returns the user that the first request stored.

    `publish` makes a best effort and raises nothing: what it cannot publish waits in the outbox.

    Raises:
        RegistrationError: Its subclasses tell the caller what to do.
    """
    with tracing.step("hash"):
        password_hash = passwords.hash(new_user.password)  # 3: slow, so outside the commit
    user = User.from_sign_up(new_user, user_id, created_at=now())
    stored = StoredUser(user, password_hash, new_user.email_verified)
    with tracing.step("store"):
        registration = _store(stored, new_user.password, traceparent, users=users, passwords=passwords)  # 4
    with tracing.step("publish"):
        publish(registration.entry)  # 5
    return registration


def user_created(user: User, traceparent: str, *, email_verified: bool = False) -> UserCreated:
    """The event of a registration. Its id follows from the user's, so that the same user gives the same event."""
    return UserCreated(
        event_id=EventId(str(uuid5(EVENT_IDS, user.id))),
        user_id=user.id,
        name=user.name,
        company=user.company,
        email=user.email,
        email_verified=email_verified,
        occurred_at=user.created_at,
        traceparent=traceparent,
    )


def earlier_registration(
    found: LookUp, user: User, password: str, *, passwords: Passwords, traceparent: str, mine: StoredUser | None = None
) -> Registration | None:
    """
    The registration that a look-up has found, if it is this user's: whoever repeats it knows the password.

    Where `mine` may have been committed, finding it needs no hash.

    Raises:
        EmailTakenError, IdempotencyKeyReusedError: It is another one.
    """
    if found.stored:
        there, version = found.stored
        if there == mine or (_says_the_same(there.user, user) and passwords.verify(password, there.password_hash)):
            return Registration(there.user, Entry(_event(there, traceparent), version))
        raise IdempotencyKeyReusedError
    if found.holder:
        raise EmailTakenError
    return None


def _store(mine: StoredUser, password: str, traceparent: str, *, users: Users, passwords: Passwords) -> Registration:
    """Commit, and where the commit itself cannot say who won, find out: the table is in docs/architecture.md."""
    event = _event(mine, traceparent)
    undecided = None
    for _ in range(2):
        try:
            return Registration(mine.user, Entry(event, users.add(mine, event)))
        except UndecidedError as error:
            undecided = error
        found = users.look_up(mine.user.id, mine.user.email)
        earlier = earlier_registration(
            found, mine.user, password, passwords=passwords, traceparent=traceparent, mine=mine
        )
        if earlier:
            return earlier
    raise UsersUnavailableError from undecided


def _event(stored: StoredUser, traceparent: str) -> UserCreated:
    return user_created(stored.user, traceparent, email_verified=stored.email_verified)


def _says_the_same(one: User, other: User) -> bool:
    return replace(one, created_at=other.created_at) == other
