"""Sign-ups with the token of a link, on the fakes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from create_user.registration import (
    EmailTakenError,
    IdempotencyKeyReusedError,
    OverloadedError,
    Registration,
    UsersUnavailableError,
)
from create_user.user import User
from create_user.verified_registration import register_verified_user
from shared.events.event import Event, UserId
from shared.events.user_created import UserCreated
from shared.links.sign_up_link import LIFETIME, LinkExpiredError, LinkInvalidError, SignUpLink
from testkit.builders import NOW, PASSWORD, TRACEPARENT, a_new_user, a_stored_user, a_user_created
from testkit.fakes import Passwords, Users

USER_ID = UserId("0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60")
OTHER_ID = UserId("5f60718a-9b0c-4d1e-8f2a-3b4c5d6e7f80")
LINK = SignUpLink.requested_at(NOW, "ewan@example.com")
JUST_BEFORE_THE_END = LINK.expires_at - timedelta.resolution
OTHER_PASSWORD = "another tractor violet harbour"


@dataclass
class SignUps:
    """Registers users who open LINK. `time` is the store's; the clock of this instance has lost a year."""

    users: Users = field(default_factory=Users)
    passwords: Passwords = field(default_factory=Passwords)
    time: datetime = NOW
    published: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.users.clock = lambda: self.time

    def finish(self, user_id: UserId = USER_ID, *, link: SignUpLink = LINK, **changes: object) -> Registration:
        return register_verified_user(
            link,
            a_new_user(email=link.address, email_verified=True, **changes),
            user_id,
            passwords=self.passwords,
            users=self.users,
            publish=lambda entry: self.published.append(entry.event),
            now=lambda: self.time - timedelta(days=365),
            traceparent=TRACEPARENT,
        )


def test_user_is_stored_and_published_with_a_verified_address() -> None:
    sign_ups = SignUps()

    registration = sign_ups.finish(company="Acme")

    created_at = NOW - timedelta(days=365)
    assert registration.user == User(id=USER_ID, name="Ewan", company="Acme", email=LINK.address, created_at=created_at)
    stored = sign_ups.users.stored[USER_ID]
    assert (stored.user, stored.email_verified) == (registration.user, True)
    assert Passwords().verify(PASSWORD, stored.password_hash)
    [event] = sign_ups.published
    assert isinstance(event, UserCreated)
    assert (event.email_verified, event.email) == (True, LINK.address)
    assert sign_ups.users.outbox.events() == [event] == [registration.entry.event]


def test_link_is_good_until_it_ends_on_the_clock_of_the_store() -> None:
    SignUps(time=JUST_BEFORE_THE_END).finish()

    late = SignUps(time=LINK.expires_at, passwords=Passwords(turns=0))
    with pytest.raises(LinkExpiredError):
        late.finish()
    assert late.users.stored == {}


def test_link_that_ends_later_than_one_requested_by_now_is_refused_without_a_hash() -> None:
    sign_ups = SignUps(time=LINK.expires_at - LIFETIME - timedelta.resolution, passwords=Passwords(turns=0))

    with pytest.raises(LinkInvalidError):
        sign_ups.finish()


def test_used_link_is_refused_without_a_hash() -> None:
    sign_ups = SignUps(passwords=Passwords(turns=1))
    sign_ups.finish()

    for _ in range(3):
        with pytest.raises(EmailTakenError):
            sign_ups.finish(OTHER_ID, password=OTHER_PASSWORD)

    assert [*sign_ups.users.stored] == [USER_ID]
    assert len(sign_ups.published) == 1


def test_link_of_an_address_that_was_taken_in_open_mode_since_is_refused_without_a_hash() -> None:
    sign_ups = SignUps(passwords=Passwords(turns=0))
    sign_ups.users.add(a_stored_user(email="EWAN@example.com"), a_user_created())

    with pytest.raises(EmailTakenError):
        sign_ups.finish()


@pytest.mark.parametrize("repeated_at", [NOW, JUST_BEFORE_THE_END, LINK.expires_at, NOW + timedelta(days=30)])
def test_repeat_under_its_key_verifies_only_and_gets_the_first_response_however_late(repeated_at: datetime) -> None:
    sign_ups = SignUps(passwords=Passwords(turns=2))
    first = sign_ups.finish()
    sign_ups.time = repeated_at

    assert sign_ups.finish() == first

    assert sign_ups.passwords.turns == 0
    assert sign_ups.published[0] == sign_ups.published[1]
    assert len(sign_ups.users.stored) == 1


@pytest.mark.parametrize("change", [{"name": "Owen"}, {"company": "Acme"}, {"password": OTHER_PASSWORD}])
def test_key_of_another_sign_up_is_refused(change: dict[str, Any]) -> None:
    sign_ups = SignUps()
    sign_ups.finish()

    with pytest.raises(IdempotencyKeyReusedError):
        sign_ups.finish(**change)

    assert len(sign_ups.published) == 1


def test_who_finishes_second_of_two_that_looked_up_at_once_is_told_by_the_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sign_ups = SignUps()
    before_both = sign_ups.users.look_up(OTHER_ID, LINK.address)
    sign_ups.finish()
    look_ups = iter([before_both, sign_ups.users.look_up(OTHER_ID, LINK.address)])
    monkeypatch.setattr(sign_ups.users, "look_up", lambda *_: next(look_ups))

    with pytest.raises(EmailTakenError):
        sign_ups.finish(OTHER_ID)

    assert [*sign_ups.users.stored] == [USER_ID]
    assert len(sign_ups.published) == 1


@pytest.mark.parametrize("users", [Users(lost_replies=1), Users(failing_commits=1)])
def test_lost_reply_or_failed_commit_is_a_success_and_one_event(users: Users) -> None:
    sign_ups = SignUps(users)

    sign_ups.finish()

    assert [*sign_ups.users.stored] == [USER_ID]
    assert len(sign_ups.published) == 1


def test_store_that_is_silent_costs_no_hash() -> None:
    sign_ups = SignUps(Users(is_silent=True), Passwords(turns=0))

    with pytest.raises(UsersUnavailableError):
        sign_ups.finish()


def test_overload_of_hash_and_of_verification_stores_and_publishes_nothing_more() -> None:
    sign_ups = SignUps(passwords=Passwords(turns=1))
    sign_ups.finish()

    with pytest.raises(OverloadedError):
        sign_ups.finish()
    with pytest.raises(OverloadedError):
        sign_ups.finish(OTHER_ID, link=SignUpLink.requested_at(NOW, "owen@example.com"))

    assert len(sign_ups.users.stored) == len(sign_ups.published) == 1
