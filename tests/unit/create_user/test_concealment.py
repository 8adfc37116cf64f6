from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from create_user.concealment import UnverifiedRepeats, register_or_remind
from create_user.registration import OverloadedError, UsersUnavailableError, register_user
from create_user.user import NewUser
from shared.events.event import Event, UserId
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.user_created import UserCreated
from shared.outbox.outbox import Entry
from testkit.builders import NOW, TRACEPARENT, a_new_user
from testkit.fakes import Passwords, Users

HOLDER = UserId("0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60")
OTHER_ID = UserId("5f60718a-9b0c-4d1e-8f2a-3b4c5d6e7f80")
TAKEN = a_new_user(email="Ewan@example.com")


@dataclass
class SignUps:
    """Signs up where accounts are concealed; keeps what was published, and whether the outbox had it by then."""

    users: Users = field(default_factory=Users)
    passwords: Passwords = field(default_factory=Passwords)
    time: datetime = NOW
    published: list[Event] = field(default_factory=list)
    kept_when_published: list[bool] = field(default_factory=list)

    def sign_up(self, new_user: NewUser, user_id: UserId = HOLDER) -> None:
        def now() -> datetime:
            return self.time

        register = partial(
            register_user,
            new_user,
            user_id,
            passwords=UnverifiedRepeats(self.passwords),
            users=self.users,
            publish=self._publish,
            now=now,
            traceparent=TRACEPARENT,
        )
        register_or_remind(register, users=self.users, publish=self._publish, now=now, traceparent=TRACEPARENT)

    def repeat(self, time: datetime) -> None:
        """Sign up at a time with the taken address."""
        self.time = time
        self.sign_up(a_new_user(), OTHER_ID)

    def _publish(self, entry: Entry) -> None:
        self.published.append(entry.event)
        self.kept_when_published.append(entry in self.users.outbox.entries.values())


@pytest.fixture
def sign_ups() -> SignUps:
    """One user has signed up."""
    sign_ups = SignUps()
    sign_ups.sign_up(TAKEN)
    return sign_ups


def test_free_address_is_registered(sign_ups: SignUps) -> None:
    assert [type(event) for event in sign_ups.published] == [UserCreated]
    assert sign_ups.users.stored[HOLDER].user.email == TAKEN.email


def test_holder_of_a_taken_address_is_told_at_the_address_that_is_stored(sign_ups: SignUps) -> None:
    sign_ups.sign_up(a_new_user(name="Eve", company="Evil", email="EWAN@example.com"), OTHER_ID)

    event = sign_ups.published[-1]
    assert isinstance(event, SignUpRepeated)
    assert (event.user_id, event.email, event.occurred_at) == (HOLDER, "Ewan@example.com", NOW)
    assert event.traceparent == TRACEPARENT
    assert not any(word in repr(sign_ups.published) for word in ("Eve", "Evil", "EWAN"))
    assert list(sign_ups.users.stored) == [HOLDER]


def test_key_that_came_with_another_sign_up_reminds_its_user(sign_ups: SignUps) -> None:
    sign_ups.sign_up(replace(TAKEN, name="Owen"))

    event = sign_ups.published[-1]
    assert isinstance(event, SignUpRepeated)
    assert event.user_id == HOLDER


@pytest.mark.parametrize("password", [TAKEN.password, "another tractor violet harbour"])
def test_repeat_of_the_same_sign_up_reminds_nobody_and_changes_nothing(sign_ups: SignUps, password: str) -> None:
    stored = dict(sign_ups.users.stored)

    sign_ups.sign_up(replace(TAKEN, password=password))

    assert [type(event) for event in sign_ups.published] == [UserCreated, UserCreated]
    assert sign_ups.users.stored == stored


@pytest.mark.parametrize(
    ("again", "user_id"),
    [
        pytest.param(TAKEN, HOLDER, id="a sign-up of one's own, under its key"),
        pytest.param(replace(TAKEN, password="another tractor violet harbour"), HOLDER, id="with another password"),
        pytest.param(replace(TAKEN, name="Owen"), HOLDER, id="with another name"),
        pytest.param(TAKEN, OTHER_ID, id="a taken address"),
        pytest.param(replace(TAKEN, email="owen@example.com"), OTHER_ID, id="a free address"),
    ],
)
def test_each_sign_up_hashes_once_whoever_exists(sign_ups: SignUps, again: NewUser, user_id: UserId) -> None:
    sign_ups.passwords.turns, sign_ups.time = 10, NOW + timedelta(seconds=1)

    sign_ups.sign_up(again, user_id)

    assert sign_ups.passwords.turns == 9


def test_reminder_is_published_only_after_the_outbox_has_it(sign_ups: SignUps) -> None:
    sign_ups.repeat(NOW)

    assert sign_ups.kept_when_published == [True, True]


def test_all_repetitions_of_a_day_publish_one_reminder(sign_ups: SignUps) -> None:
    midnight = datetime(2026, 11, 6, tzinfo=UTC)

    for time in (midnight, NOW + timedelta(days=1), midnight + timedelta(days=1, microseconds=-1)):
        sign_ups.repeat(time)
        sign_ups.users.outbox.entries.clear()

    assert [event.occurred_at for event in sign_ups.published[1:]] == [midnight]


def test_next_day_has_another_reminder(sign_ups: SignUps) -> None:
    for time in (NOW, datetime(2026, 11, 6, tzinfo=UTC)):
        sign_ups.repeat(time)

    assert len({event.event_id for event in sign_ups.published[1:]}) == 2


def test_store_that_cannot_keep_the_reminder_is_as_unavailable_as_for_a_free_address(sign_ups: SignUps) -> None:
    sign_ups.users.is_silent = True

    with pytest.raises(UsersUnavailableError):
        sign_ups.repeat(NOW)

    assert len(sign_ups.published) == 1


def test_overload_is_reported(sign_ups: SignUps) -> None:
    sign_ups.passwords.turns = 0

    with pytest.raises(OverloadedError):
        sign_ups.repeat(NOW)


def test_reservation_whose_user_is_gone_is_concealed_too(sign_ups: SignUps, caplog: pytest.LogCaptureFixture) -> None:
    sign_ups.users.stored.clear()

    sign_ups.sign_up(a_new_user(), OTHER_ID)

    assert (caplog.messages[-1], len(sign_ups.published)) == ("reservation_without_user", 1)


def test_log_line_names_the_holder_by_id_only(sign_ups: SignUps, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "usher"):
        sign_ups.repeat(NOW)

    (record,) = caplog.records
    assert record.message == "sign_up_concealed"
    assert vars(record)["fields"] == {"user_id": HOLDER, "event_id": sign_ups.published[-1].event_id}
