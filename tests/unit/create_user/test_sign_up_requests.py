"""Requests to sign up: who asks learns nothing, and no mailbox gets more mail than it should."""

from datetime import timedelta
from itertools import product
from typing import Any
from unittest.mock import ANY
from uuid import UUID

import pytest

from create_user.sign_up_requests import MAILS_A_DAY, TAGGED_MAILS_A_DAY, RequestsUnavailableError
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from shared.events.user_created import UserCreated
from shared.runtime import tracing
from testkit.builders import NOW, TRACEPARENT, a_user_created
from tests.unit.create_user.requesting import FREE, TAKEN, Service

LONG_S = "\N{LATIN SMALL LETTER LONG S}"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def service() -> Service:
    return Service()


def test_free_address_is_asked_for_a_sign_up_by_an_event_of_random_ids(service: Service) -> None:
    [event] = service.request(FREE)

    assert isinstance(event, SignUpRequested)
    assert (event.email, event.occurred_at, event.traceparent) == (FREE, NOW, TRACEPARENT)
    assert {UUID(event.event_id).version, UUID(event.user_id).version} == {4}
    assert event.user_id not in {event.event_id, *service.users.stored}
    assert service.stored_when_published == [True]


@pytest.mark.parametrize("spelling", [TAKEN, "owen@EXAMPLE.com"])
def test_holder_of_an_address_is_told_under_the_address_as_stored(service: Service, spelling: str) -> None:
    [event] = service.request(spelling)

    assert isinstance(event, SignUpRepeated)
    assert (event.user_id, event.email, event.occurred_at) == (service.holder, TAKEN, NOW)
    assert UUID(event.event_id).version == 4
    assert service.stored_when_published == [True]


def test_free_and_taken_address_cost_the_same_calls_in_the_same_order_whenever_they_are_asked_for() -> None:
    calls = []
    for address in (FREE, TAKEN):
        service = Service()
        for pause in (timedelta(), timedelta(seconds=10), MINUTE, *[HOUR] * 6, 24 * HOUR):
            service.time += pause
            service.request(address)
        calls.append(service.calls)

    assert calls[0] == calls[1]
    mailed, silenced = ["look_up", "address_of", "count", "publish"], ["look_up", "address_of"]
    assert calls[0][:6] == mailed + silenced
    assert calls[0].count("publish") == MAILS_A_DAY + 1


def test_every_mail_has_an_event_of_its_own(service: Service) -> None:
    for address in (FREE, TAKEN):
        service.time += HOUR
        first, again = service.request(address), service.request(address)
        service.time += MINUTE
        later = service.request(address)

        assert (len(first), len(again), len(later)) == (1, 0, 1)
        assert first[0].event_id != later[0].event_id
    assert len({event.event_id for event in service.published}) == 4


def test_address_in_any_spelling_has_one_count(service: Service) -> None:
    service.request(FREE)

    assert service.request("EWAN@Example.com") == []


@pytest.mark.parametrize(
    ("owner", "nobodys"),
    [
        ("boss@example.com", f"bo{LONG_S}s@example.com"),
        ("γιώργος@example.com", "γιώργο\N{GREEK SMALL LETTER SIGMA}@example.com"),
        ("info@βόλος.example", "info@βόλο\N{GREEK SMALL LETTER SIGMA}.example"),
    ],
)
@pytest.mark.parametrize("is_taken", [False, True])
def test_spelling_whose_mail_arrives_elsewhere_silences_no_owner(
    service: Service, owner: str, nobodys: str, *, is_taken: bool
) -> None:
    if is_taken:
        service.add_user(owner)
    for _ in range(30):
        service.request(nobodys)
        service.time += MINUTE

    assert [event.email for event in service.request(owner)] == [owner]
    assert len(service.published) == MAILS_A_DAY + 1


def test_spellings_without_end_send_the_owner_no_more_mails_than_tags_do(service: Service) -> None:
    service.add_user("assassins@example.com")
    spellings = map("".join, product(*(f"s{LONG_S}" if letter == "s" else letter for letter in "assassins")))

    sent = [event for spelling in spellings for event in service.request(f"{spelling}@example.com")]

    assert len(sent) == 1 + TAGGED_MAILS_A_DAY
    assert len(service.request("assassins+1@example.com")) == 0


def test_sign_up_between_two_requests_changes_the_mail_and_not_the_count(service: Service) -> None:
    service.request(FREE)
    service.add_user(FREE)

    assert service.request(FREE) == []
    service.time += MINUTE
    assert [type(event) for event in service.request(FREE)] == [SignUpRepeated]


def test_tags_without_end_send_a_mailbox_20_mails_a_day_and_never_silence_its_untagged_address(
    service: Service,
) -> None:
    sent = [event for number in range(50) for event in service.request(f"ewan+{number}@example.com")]

    assert len(sent) == TAGGED_MAILS_A_DAY == 20
    assert [event.email for event in service.request(FREE)] == [FREE]
    assert len(service.request("owen+1@example.com")) == 1  # another mailbox's
    service.time += 24 * HOUR
    assert len(service.request("ewan+0@example.com")) == 1


def test_tagged_address_has_the_bounds_of_every_address_too(service: Service) -> None:
    tagged = "ewan+news@example.com"

    assert [len(service.request(tagged)) for _ in range(2)] == [1, 0]
    for _ in range(10):
        service.time += MINUTE
        service.request(tagged)

    assert len(service.published) == MAILS_A_DAY


def test_requests_that_meet_send_one_mail(service: Service) -> None:
    looked_up = service.requests.look_up(FREE)
    service.request(FREE)

    assert service.requests.count(FREE, looked_up, a_user_created()) is None
    assert len(service.users.outbox.entries) == 2  # the other is that of the user who is there


@pytest.mark.parametrize("method", ["look_up", "address_of", "count"])
@pytest.mark.parametrize("address", [FREE, TAKEN])
def test_request_repeated_after_a_failure_at_any_call_sends_its_mail(
    service: Service, monkeypatch: pytest.MonkeyPatch, address: str, method: str
) -> None:
    def fail(*_: object) -> None:
        raise RequestsUnavailableError

    with monkeypatch.context() as failing:
        failing.setattr(service.requests, method, fail)
        with pytest.raises(RequestsUnavailableError):
            service.request(address)

    assert service.published == []
    assert len(service.request(address)) == 1


@pytest.mark.parametrize("address", [FREE, TAKEN])
def test_count_whose_reply_was_lost_leaves_its_one_event_to_the_relay(
    service: Service, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    count = service.requests.count

    def count_and_meet_itself(*arguments: Any) -> None:
        count(*arguments)
        assert count(*arguments) is None

    with monkeypatch.context() as losing:
        losing.setattr(service.requests, "count", count_and_meet_itself)
        assert service.request(address) == []

    assert service.request(address) == []
    left = [event for event in service.users.outbox.events() if not isinstance(event, UserCreated)]
    assert len(left) == 1


def test_log_holds_nothing_that_is_made_of_the_address(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "usher")

    with tracing.continued(None):
        [event] = service.request("ewan+news@example.com")
    service.request("ewan+news@example.com")

    lines = [(record.message, vars(record)["fields"]) for record in caplog.records]
    ids = {"event_id": event.event_id, "user_id": event.user_id}
    assert lines == [
        ("sign_up_requested", ids | {"look_up_ms": ANY, "store_ms": ANY, "publish_ms": ANY}),
        ("sign_up_request_silenced", {}),
    ]


def test_reservation_without_a_user_is_reported_and_costs_the_same_calls(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.request(TAKEN)
    as_usual = service.calls[:]
    service.calls.clear()
    service.time += MINUTE
    service.users.stored.clear()

    [event] = service.request(TAKEN)

    assert (event.user_id, event.email) == (service.holder, TAKEN)
    assert service.calls == as_usual
    assert "reservation_without_user" in caplog.text
