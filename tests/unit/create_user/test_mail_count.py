from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from create_user.mail_count import CountVersion, MailCount

DAY = datetime(2026, 11, 5, tzinfo=UTC)
PAUSE = timedelta(minutes=1)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def allows(count: MailCount, at: datetime) -> bool:
    return count.allows_another(at, a_day=5, pause=PAUSE)


@pytest.mark.parametrize(
    ("mails", "last_mail_at", "at", "is_allowed"),
    [
        (1, DAY + HOUR, DAY + HOUR + 59.9 * SECOND, False),
        (1, DAY + HOUR, DAY + HOUR + 60 * SECOND, True),
        (4, DAY + HOUR, DAY + 2 * HOUR, True),
        (5, DAY + HOUR, DAY + 24 * HOUR - timedelta.resolution, False),
        (5, DAY + HOUR, DAY + 24 * HOUR, True),
        (1, DAY - SECOND, DAY, True),  # the first of its day needs no pause
        (5, DAY, DAY - SECOND, True),  # the store's clock went back a day: rather a mail too many than none
    ],
)
def test_mail_needs_a_pause_and_a_rest_of_its_day_unless_it_is_the_first(
    mails: int, last_mail_at: datetime, at: datetime, *, is_allowed: bool
) -> None:
    assert allows(MailCount(mails=mails, last_mail_at=last_mail_at), at) is is_allowed


def test_another_mail_counts_on_within_a_day_and_from_one_on_the_next() -> None:
    first = MailCount().with_another(DAY)
    second = first.with_another(DAY + 2 * PAUSE)

    assert (first.mails, second.mails, second.with_another(DAY + 24 * HOUR).mails) == (1, 2, 1)
    assert second.last_mail_at == DAY + 2 * PAUSE


def test_another_mail_replaces_the_version_that_was_read() -> None:
    version = CountVersion("of the record")

    assert replace(MailCount(), version=version).with_another(DAY).version is version


@given(st.lists(st.integers(0, 20_000), max_size=200))
def test_whenever_mails_are_asked_for_each_day_sends_its_first_and_five_at_most_a_minute_apart(gaps: list[int]) -> None:
    count, at, sent, asked_on = MailCount(), DAY, list[datetime](), set()
    for gap in gaps:
        at += gap * SECOND
        asked_on.add(at.date())
        if allows(count, at):
            count = count.with_another(at)
            sent.append(at)

    days = [time.date() for time in sent]
    pauses = [later - earlier for earlier, later in pairwise(sent) if earlier.date() == later.date()]
    assert set(days) == asked_on
    assert all(days.count(day) <= 5 for day in days)
    assert all(pause >= PAUSE for pause in pauses)
