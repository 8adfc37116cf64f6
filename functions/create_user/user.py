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

    @classmethod
    def from_sign_up(cls, new_user: NewUser, user_id: UserId, *, created_at: datetime) -> "User":
        return cls(
            id=user_id, name=new_user.name, company=new_user.company, email=new_user.email, created_at=created_at
        )


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
