from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from create_user.registration import (
    EmailTakenError,
    IdempotencyKeyReusedError,
    OverloadedError,
    Registration,
    UsersUnavailableError,
    register_user,
)
from create_user.user import NewUser, User
from shared.events.event import Event, UserId
from shared.events.user_created import UserCreated
from shared.outbox.outbox import Entry
from testkit.builders import NOW, PASSWORD, TRACEPARENT, a_new_user
from testkit.fakes import Passwords, Users

USER_ID = UserId("0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60")
OTHER_ID = UserId("5f60718a-9b0c-4d1e-8f2a-3b4c5d6e7f80")


@dataclass
class SignUps:
    """Registers users, and keeps what was published and what had been stored by then."""

    users: Users = field(default_factory=Users)
    passwords: Passwords = field(default_factory=Passwords)
    time: datetime = NOW
    published: list[Event] = field(default_factory=list)
    stored_when_published: list[bool] = field(default_factory=list)

    def register(self, new_user: NewUser, user_id: UserId = USER_ID) -> Registration:
        return register_user(
            new_user,
            user_id,
            passwords=self.passwords,
            users=self.users,
            publish=self._publish,
            now=lambda: self.time,
            traceparent=TRACEPARENT,
        )

    def _publish(self, entry: Entry) -> None:
        self.published.append(entry.event)
        self.stored_when_published.append(entry in self.users.outbox.entries.values())


def test_user_is_stored_with_its_hash_and_returned() -> None:
    sign_ups = SignUps()

    user = sign_ups.register(a_new_user(company="Acme")).user

    assert user == User(id=USER_ID, name="Ewan", company="Acme", email="ewan@example.com", created_at=NOW)
    assert sign_ups.users.stored[USER_ID].user == user
    assert Passwords().verify(PASSWORD, sign_ups.users.stored[USER_ID].password_hash)


def test_event_tells_of_the_user_and_is_the_one_in_the_outbox() -> None:
    sign_ups = SignUps()

    registration = sign_ups.register(a_new_user(company="Acme"))

    (event,) = sign_ups.published
    assert isinstance(event, UserCreated)
    assert (event.user_id, event.name, event.company, event.email) == (USER_ID, "Ewan", "Acme", "ewan@example.com")
    assert (event.occurred_at, event.traceparent) == (NOW, TRACEPARENT)
    assert sign_ups.users.outbox.events() == [event] == [registration.entry.event]


def test_event_is_published_only_after_it_was_stored() -> None:
    sign_ups = SignUps()

    sign_ups.register(a_new_user())

    assert sign_ups.stored_when_published == [True]


def test_event_id_is_a_uuid_that_follows_from_the_user_id() -> None:
    one, same, other = SignUps(), SignUps(), SignUps()

    one.register(a_new_user())
    same.register(a_new_user(name="Somebody else"))
    other.register(a_new_user(), OTHER_ID)

    assert one.published[0].event_id == same.published[0].event_id != other.published[0].event_id
    assert str(UUID(one.published[0].event_id)) == one.published[0].event_id


@pytest.mark.parametrize("spelling", ["ewan@example.com", "Ewan@Example.com"])
def test_second_user_with_same_email_is_rejected(spelling: str) -> None:
    sign_ups = SignUps()
    sign_ups.register(a_new_user())

    with pytest.raises(EmailTakenError):
        sign_ups.register(a_new_user(name="Another", email=spelling), OTHER_ID)

    assert list(sign_ups.users.stored) == [USER_ID]
    assert len(sign_ups.published) == 1


def test_lost_reply_of_the_own_commit_is_a_success_even_without_time_for_a_second_hash() -> None:
    sign_ups = SignUps(Users(lost_replies=1), Passwords(turns=1))

    user = sign_ups.register(a_new_user()).user

    assert sign_ups.users.stored[USER_ID].user == user
    assert len(sign_ups.published) == 1


def test_commit_that_stored_nothing_is_tried_once_more() -> None:
    sign_ups = SignUps(Users(failing_commits=1))

    user = sign_ups.register(a_new_user()).user

    assert sign_ups.users.stored[USER_ID].user == user
    assert len(sign_ups.published) == 1


def test_lost_reply_of_the_second_commit_is_a_success() -> None:
    sign_ups = SignUps(Users(failing_commits=1, lost_replies=1))

    sign_ups.register(a_new_user())

    assert len(sign_ups.published) == 1


def test_nothing_found_after_two_commits_is_unavailable() -> None:
    sign_ups = SignUps(Users(failing_commits=2))

    with pytest.raises(UsersUnavailableError):
        sign_ups.register(a_new_user())

    assert sign_ups.published == []


def test_store_that_cannot_be_read_back_is_unavailable() -> None:
    sign_ups = SignUps(Users(lost_replies=1, is_silent=True))

    with pytest.raises(UsersUnavailableError):
        sign_ups.register(a_new_user())

    assert sign_ups.published == []


def test_repeated_request_returns_the_first_user_and_publishes_the_same_event() -> None:
    sign_ups = SignUps()
    first = sign_ups.register(a_new_user(company="Acme"))
    stored = sign_ups.users.stored[USER_ID]
    sign_ups.time += timedelta(seconds=5)

    again = sign_ups.register(a_new_user(company="Acme"))

    assert again == first
    assert sign_ups.users.stored == {USER_ID: stored}
    assert sign_ups.published[0] == sign_ups.published[1]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Owen"},
        {"company": "Acme"},
        {"email": "owen@example.com"},
        {"email": "Ewan@example.com"},
        {"password": "another tractor violet harbour"},
    ],
)
def test_key_that_came_with_another_sign_up_is_refused(change: dict[str, str]) -> None:
    sign_ups = SignUps()
    sign_ups.register(a_new_user())

    with pytest.raises(IdempotencyKeyReusedError):
        sign_ups.register(a_new_user(**change))

    assert len(sign_ups.published) == 1


def test_reused_key_is_refused_before_the_address_is_looked_at() -> None:
    sign_ups = SignUps()
    sign_ups.register(a_new_user())
    sign_ups.register(a_new_user(email="owen@example.com"), OTHER_ID)

    with pytest.raises(IdempotencyKeyReusedError):
        sign_ups.register(a_new_user(email="owen@example.com"))


def test_overload_before_the_commit_stores_nothing() -> None:
    sign_ups = SignUps(passwords=Passwords(turns=0))

    with pytest.raises(OverloadedError):
        sign_ups.register(a_new_user())

    assert sign_ups.users.stored == {}


@pytest.mark.parametrize("password", [PASSWORD, "another tractor violet harbour"])
def test_looking_whether_a_key_was_used_costs_as_much_as_a_sign_up(password: str) -> None:
    sign_ups = SignUps()
    sign_ups.register(a_new_user())
    sign_ups.passwords.turns = 0

    with pytest.raises(OverloadedError):
        sign_ups.register(a_new_user(password=password))
