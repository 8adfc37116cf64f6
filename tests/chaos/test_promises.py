"""What a case has left is broken where it is: of mailbox first, whose cases leave more than a user."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from proofs.acts import KEYS, Case
from proofs.promises import Left, Sent, broken_promises
from proofs.scenarios import MAILBOX_FIRST_SCENARIOS
from shared.links.sign_up_link import SignUpLink
from testkit.project import Project

EVENT, OTHER = "event-1", "event-2"
NOW = datetime.now(UTC)
ADDRESS = "ewan@canary.example"
REQUESTED = next(each for each in MAILBOX_FIRST_SCENARIOS if each.name == "link requested")


def link(address: str = ADDRESS, *, hours_ago: float = 0) -> str:
    return f"https://example.com/#{SignUpLink.requested_at(NOW - timedelta(hours=hours_ago), address).token(KEYS)}"


def record(event_type: str = "user.sign_up_requested", **counts: int) -> Mapping[str, object]:
    return {"state": "sent", "type": event_type, "takeovers": 0, "unknown_outcomes": 0, **counts}


MAILED = Left(
    scenario=REQUESTED,
    moments=[],
    users={},
    reservations={},
    outbox={},
    malformed={},
    counted=1,
    records={EVENT: record()},
    sent=[Sent(EVENT, link())],
)
TWICE = {EVENT: record(takeovers=1)}


class NoDeadLetters:
    def take_dead_letters(self) -> list[object]:
        return []


def broken(left: Left) -> set[str]:
    case = Case("", cast("Project", NoDeadLetters()), ADDRESS)
    return {reason.partition(":")[0] for reason in broken_promises(case, left)}


@pytest.mark.parametrize("left", [MAILED, replace(MAILED, records=TWICE, sent=[Sent(EVENT, link())] * 2)])
def test_link_that_came_and_its_counted_duplicate_break_nothing(left: Left) -> None:
    assert broken(left) == set()
    assert left.is_quiet


@pytest.mark.parametrize(
    ("changes", "promise"),
    [
        ({"sent": []}, "I2"),
        ({"records": {}, "sent": []}, "I2"),
        ({"counted": 0}, "I2"),
        ({"records": {EVENT: record("user.sign_up_repeated")}, "sent": [Sent(EVENT)]}, "I2"),
        ({"sent": [Sent(EVENT, link())] * 2}, "I3"),
        ({"sent": [Sent(EVENT, link()), Sent(OTHER, link())]}, "I3"),
        ({"records": TWICE, "sent": [Sent(EVENT, link()), Sent(EVENT, link(hours_ago=1))]}, "I3"),
        ({"sent": [Sent(EVENT, link("ann@canary.example"))]}, "I3"),
        ({"sent": [Sent(EVENT)]}, "I3"),
        ({"records": {EVENT: record("user.sign_up_repeated")}}, "I4"),
        ({"users": {"user-1": {"name": "Ewan"}}, "reservations": {"1": {"user_id": "user-1"}}}, "I5"),
    ],
    ids=[
        "no mail",
        "no event",
        "not counted",
        "a note where nobody holds the address",
        "a duplicate that is not counted",
        "a mail of no event",
        "another link in the duplicate",
        "the link of another mailbox",
        "no link",
        "a link in another mail",
        "a user",
    ],
)
def test_what_a_request_must_not_leave_is_found(changes: dict[str, Any], promise: str) -> None:
    assert promise in broken(replace(MAILED, **changes))


def test_request_is_not_over_before_its_mail_is() -> None:
    assert not replace(MAILED, records={}, sent=[]).is_quiet
