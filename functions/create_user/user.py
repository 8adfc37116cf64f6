"""Users, before and after they are stored."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.events.event import UserId


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """
    What a person typed, valid and normalised. An empty `company` means that none was given.

    `email_verified`: the address was not typed but proved, by a link that was mailed to it.
    """

    name: str
    company: str
    email: str
    password: str = field(repr=False)
    email_verified: bool = False


@dataclass(frozen=True, kw_only=True)
class User:
    """A registered user. `created_at` is UTC."""

    id: UserId
    name: str
    company: str
    email: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class PasswordHash:
    """A hash, and all that verifying a password against it takes, except the pepper."""

    scheme: str
    hash: str = field(repr=False)
    rounds: int
    pepper_version: str


@dataclass(frozen=True)
class StoredUser:
    """A user as the store holds it."""

    user: User
    password_hash: PasswordHash
    email_verified: bool = False
