"""The score counts what it claims to count."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from proofs.long_run_clients import Outcome, SignUp, plan
from proofs.long_run_world import Peer
from proofs.observation import DeliveryRecord, Observation, Owed
from proofs.score import score
from proofs.verdict import verdict, why_duplicates
from shared.contract.delivery_state import DeliveryState
from shared.users.address_key import reservation_id
from testkit.mail_server import Mail

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
USER = Owed("user-1", "ewan@example.com", "event-1", NOW)
MAIL = Mail(USER.address, "<event-1@usher.example>", NOW + timedelta(seconds=2))
SENT = DeliveryRecord(DeliveryState.SENT)
DELIVERED = Observation(users=[USER], deliveries={USER.event_id: SENT}, mails=[MAIL])
REQUEST = Owed("event-0", "", "event-0", NOW)
LINK = Mail(
    USER.address,
    "<event-0@usher.example>",
    NOW + timedelta(seconds=3),
    b"Subject: link\n\nhttps://example.com/sign-up#token",
)
OF_ANOTHER = SignUp("ann@example.com", "key-1", is_repeated_anyway=False)
COUNTED = {reservation_id(USER.address): 1}
LINK_MAILED = Observation(requests=[REQUEST], counted=COUNTED, deliveries={REQUEST.event_id: SENT}, mails=[LINK])


def test_mailed_user_breaks_no_promise() -> None:
    result = score(DELIVERED)

    assert result.keeps_promises
    assert (result.users, result.mails, result.longest_delay) == (1, 1, timedelta(seconds=2))


@pytest.mark.parametrize("deliveries", [{}, {USER.event_id: SENT}], ids=["no trace", "a record that says sent"])
def test_user_without_mail_is_lost_whatever_the_record_says(deliveries: dict[str, DeliveryRecord]) -> None:
    result = score(Observation(users=[USER], deliveries=deliveries))

    assert (result.lost, result.stuck) == (1, 0)
    assert not result.keeps_promises


@pytest.mark.parametrize(
    "seen",
    [
        Observation(users=[USER], outbox=frozenset({USER.event_id})),
        Observation(users=[USER], deliveries={USER.event_id: DeliveryRecord(DeliveryState.RELEASED)}),
        Observation(users=[USER], deliveries={USER.event_id: DeliveryRecord(DeliveryState.SENDING)}),
        replace(DELIVERED, outbox=frozenset({USER.event_id})),
        Observation(users=[USER], still_tried=frozenset({USER.address})),
    ],
    ids=["in the outbox", "released", "sending", "mailed, but still in the outbox", "still tried"],
)
def test_user_whom_something_still_works_on_is_stuck(seen: Observation) -> None:
    result = score(seen)

    assert (result.lost, result.stuck) == (0, 1)
    assert not result.keeps_promises


@pytest.mark.parametrize(
    "seen",
    [
        Observation(users=[USER], deliveries={USER.event_id: DeliveryRecord(DeliveryState.UNDELIVERABLE)}),
        Observation(users=[USER], dead_letters=frozenset({USER.event_id})),
        Observation(
            users=[USER],
            deliveries={USER.event_id: DeliveryRecord(DeliveryState.RELEASED)},
            dead_letters=frozenset({USER.event_id}),
        ),
    ],
    ids=["undeliverable", "dead letter", "dead letter after attempts"],
)
def test_failure_that_an_operator_sees_is_recorded_and_not_lost(seen: Observation) -> None:
    result = score(seen)

    assert result.recorded == 1
    assert result.keeps_promises


@pytest.mark.parametrize(
    ("mails", "duplicates_explained", "expected"),
    [
        ([MAIL, MAIL], 1, (1, 0)),
        ([MAIL, MAIL], 0, (0, 1)),
        ([MAIL, MAIL, MAIL], 1, (1, 1)),
        ([MAIL, replace(MAIL, message_id="<another@usher.example>")], 1, (0, 1)),
        ([replace(MAIL, address="ann@example.com")], 1, (0, 1)),
    ],
    ids=["counted", "not counted", "one more than counted", "another Message-ID", "another address"],
)
def test_duplicate_is_explained_by_its_record_and_message_id_only(
    mails: list[Mail], duplicates_explained: int, expected: tuple[int, int]
) -> None:
    deliveries = {USER.event_id: DeliveryRecord(DeliveryState.SENT, duplicates_explained)}

    result = score(Observation(users=[USER], deliveries=deliveries, mails=mails))

    assert (result.duplicates_explained, result.duplicates_unexplained) == expected


def test_link_and_welcome_are_two_mails_to_one_person() -> None:
    deliveries = {USER.event_id: SENT, REQUEST.event_id: SENT}

    result = score(replace(LINK_MAILED, users=[USER], deliveries=deliveries, mails=[LINK, MAIL]))

    assert result.keeps_promises
    assert (result.mails, result.mailed, result.duplicates_explained) == (2, 1, 0)
    assert result.longest_delay == timedelta(seconds=3)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (LINK_MAILED, (0, 0, 0)),
        (replace(LINK_MAILED, mails=[]), (1, 0, 0)),
        (Observation(counted=COUNTED), (1, 0, 0)),
        (replace(LINK_MAILED, outbox=frozenset({REQUEST.event_id})), (0, 1, 0)),
        (replace(LINK_MAILED, deliveries={REQUEST.event_id: DeliveryRecord(DeliveryState.SENDING)}), (0, 1, 0)),
        (
            replace(LINK_MAILED, mails=[], deliveries={REQUEST.event_id: DeliveryRecord(DeliveryState.UNDELIVERABLE)}),
            (0, 0, 1),
        ),
    ],
    ids=["mailed", "a record that says sent", "counted and gone", "in the outbox", "sending", "undeliverable"],
)
def test_mail_that_a_request_was_counted_for_is_lost_stuck_or_recorded(
    seen: Observation, expected: tuple[int, int, int]
) -> None:
    result = score(seen)

    assert (result.lost, result.stuck, result.recorded) == expected
    assert result.keeps_promises is (expected[:2] == (0, 0))


def test_request_that_was_silenced_is_owed_no_mail() -> None:
    requests = [replace(outcome(status=202, key=key), is_accepted=True) for key in ("key-1", "key-2")]

    result = score(replace(LINK_MAILED, outcomes=requests))

    assert (result.links_requested, result.silenced) == (2, 1)
    assert result.keeps_promises


@pytest.mark.parametrize(
    ("second", "expected"),
    [(LINK, (1, 0)), (replace(LINK, content=LINK.content + b"-of-another"), (0, 1))],
    ids=["the same link", "another link"],
)
def test_link_mailed_twice_is_explained_by_its_record_if_both_are_the_same(
    second: Mail, expected: tuple[int, int]
) -> None:
    deliveries = {REQUEST.event_id: DeliveryRecord(DeliveryState.SENT, 1)}

    result = score(replace(LINK_MAILED, deliveries=deliveries, mails=[LINK, second]))

    assert (result.duplicates_explained, result.duplicates_unexplained) == expected


def test_verdict_says_how_the_run_ended_and_why_its_duplicates_are_allowed() -> None:
    counted = replace(DELIVERED, deliveries={USER.event_id: DeliveryRecord(DeliveryState.SENT, 1)}, mails=[MAIL, MAIL])
    kept, lost = score(counted), score(Observation(users=[USER]))

    assert verdict(Peer.USHER, kept).plain == (" ✔ usher keeps its promises: 1 users, 1 mailed, 0 lost, 1 duplicate")
    assert verdict(Peer.USHER, lost).plain == " ✘ usher: 1 users, 0 mailed, 1 lost, 0 duplicates"
    assert "1 allowed: a crash or a lost reply" in why_duplicates(kept).plain
    assert why_duplicates(lost).plain == ""


def test_mail_to_nobody_is_unexplained() -> None:
    result = score(Observation(mails=[MAIL]))

    assert result.duplicates_unexplained == 1


def outcome(*ids: str, status: int = 201, key: str = "key-1", address: str = USER.address) -> Outcome:
    created: list[Mapping[str, str]] = [{"id": each, "email": address} for each in ids]
    return Outcome(SignUp(address, key, is_repeated_anyway=False), status, created)


@pytest.mark.parametrize(
    ("seen", "promise"),
    [
        (replace(DELIVERED, unreserved=1), "I1"),
        (replace(DELIVERED, outcomes=[outcome("user-2")]), "I2"),
        (replace(DELIVERED, outcomes=[replace(outcome(USER.id), sign_up=OF_ANOTHER)]), "I2"),
        (Observation(outcomes=[replace(outcome(status=202), is_accepted=True)]), "I2"),
        (replace(LINK_MAILED, counted={}), "I2"),
        (Observation(outcomes=[outcome(status=410)]), "answered"),
        (replace(DELIVERED, malformed=1), "I2"),
        (replace(DELIVERED, log_leaks=1), "I4"),
        (replace(DELIVERED, users=[USER, replace(USER, id="user-2")]), "I5"),
        (replace(DELIVERED, outcomes=[outcome(USER.id), outcome(USER.id, key="key-2")]), "I5"),
        (replace(DELIVERED, outcomes=[outcome(USER.id, "user-2")]), "I6"),
        (replace(DELIVERED, outcomes=[outcome(USER.id, status=409)]), "I6"),
    ],
)
def test_broken_promise_is_counted(seen: Observation, promise: str) -> None:
    result = score(seen)

    assert promise in {name.split()[0] for name, count in result.broken.items() if count}
    assert not result.keeps_promises


def test_same_seed_plans_the_same_sign_ups() -> None:
    assert plan(50, seed=7) == plan(50, seed=7)
    assert plan(50, seed=7) != plan(50, seed=8)
