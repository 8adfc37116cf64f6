"""Values that tests work with; a builder takes only what its test is about."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from create_user.user import NewUser, PasswordHash, StoredUser, User
from shared.events.event import EventId, UserId
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from shared.events.user_created import UserCreated

NOW = datetime(2026, 11, 5, 12, 0, 0, 123456, tzinfo=UTC)
PASSWORD = "plum tractor violet harbour"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def a_new_user(**changes: Any) -> NewUser:
    return replace(NewUser(name="Ewan", company="", email="ewan@example.com", password=PASSWORD), **changes)


def a_user(**changes: Any) -> User:
    user = User(id=UserId(str(uuid4())), name="Ewan", company="", email="ewan@example.com", created_at=NOW)
    return replace(user, **changes)


def a_stored_user(**changes: Any) -> StoredUser:
    password_hash = PasswordHash(scheme="some-scheme", hash="some hash", rounds=12, pepper_version="1")
    return StoredUser(a_user(**changes), password_hash)


def a_user_created(**changes: Any) -> UserCreated:
    return UserCreated(**_an_event() | {"name": "Ewan", "company": ""} | changes)


def a_sign_up_repeated(**changes: Any) -> SignUpRepeated:
    return SignUpRepeated(**_an_event() | changes)


def a_sign_up_requested(**changes: Any) -> SignUpRequested:
    return SignUpRequested(**_an_event() | changes)


def _an_event() -> dict[str, Any]:
    """What all events have, each with ids of its own."""
    ids = {"event_id": EventId(str(uuid4())), "user_id": UserId(str(uuid4()))}
    return {**ids, "email": "ewan@example.com", "occurred_at": NOW, "traceparent": TRACEPARENT}


def sign_up_members(**changes: object) -> dict[str, object]:
    return {"name": "Ewan", "email": "ewan@example.com", "password": PASSWORD} | changes
