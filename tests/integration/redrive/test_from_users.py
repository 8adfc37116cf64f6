"""`--from-users` over many users: what it reads, and where it continues."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from operations.redrive.from_users import redrive_from_users
from operations.redrive.selection import NoSuchUserError, Selection
from operations.redrive.system import System
from testkit.builders import a_user_created
from tests.integration.redrive.fuse import Fuse, KilledError, kill
from tests.integration.redrive.gone_wrong import SUBSCRIBER, GoneWrong

ALL = Selection(subscribers=frozenset([SUBSCRIBER]))


def test_from_users_continues_after_the_user_that_an_interrupted_run_has_read(
    system: System, gone_wrong: GoneWrong, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.redrive.documents._PAGE", 2)
    events = [gone_wrong.a_user(age=timedelta(hours=hours)) for hours in (5, 4, 3, 2, 2)]
    reached: list[str] = []
    at_the_second_page = Fuse(2, before=kill)
    with suppress(KilledError):
        list(redrive_from_users(at_the_second_page.system(system), replace(ALL, reached=reached.append)))
    [stopped_at] = reached

    outcomes = list(redrive_from_users(system, replace(ALL, after=stopped_at, reached=reached.append)))

    assert stopped_at == events[1].user_id
    assert {outcome.ids[0] for outcome in outcomes} == {event.event_id for event in events[2:]}
    assert len(gone_wrong.outbox()) == 5
    assert list(redrive_from_users(system, replace(ALL, after=reached[-1]))) == []


def test_from_users_cannot_continue_after_a_user_who_is_not_stored(system: System) -> None:
    with pytest.raises(NoSuchUserError):
        list(redrive_from_users(system, replace(ALL, after=a_user_created().user_id)))


def test_users_that_are_too_old_are_not_read(system: System, gone_wrong: GoneWrong) -> None:
    created_at = datetime.now(UTC) - timedelta(days=80, seconds=1)
    system.firestore.document("users", "unreadable").create({"created_at": created_at})
    recent = gone_wrong.a_user()

    outcomes = list(redrive_from_users(system, ALL))

    assert [outcome.ids[0] for outcome in outcomes] == [recent.event_id]
