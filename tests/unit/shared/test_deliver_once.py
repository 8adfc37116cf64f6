"""Each state that an event's delivery can be in when it is pushed, and each way that an attempt can end."""

import logging
from datetime import timedelta

import pytest

from shared.contract.delivery_state import DeliveryState
from shared.deliveries.delivery import (
    Delivery,
    DeliveryError,
    DeliveryInProgressError,
    LeaseLostError,
    NotDeliveredError,
    UndeliverableError,
)
from testkit.builders import NOW
from tests.unit.shared.delivering import (
    AFTER_THE_LEASE,
    EVENT,
    Subscriber,
    crash_while_holding,
    lose_replies,
    raising,
)


def test_event_is_acted_on_and_recorded_as_sent() -> None:
    subscriber = Subscriber()

    subscriber.push()

    assert subscriber.acted == 1
    assert (subscriber.record().state, subscriber.record().attempts) == (DeliveryState.SENT, 1)


def test_act_runs_under_a_claim_that_lasts_for_the_lease() -> None:
    subscriber = Subscriber()
    during: list[Delivery] = []

    subscriber.push(lambda: during.append(subscriber.record()))

    assert (during[0].state, during[0].lease_expires_at) == (DeliveryState.SENDING, NOW + timedelta(seconds=45))


def test_act_is_told_when_its_own_claim_was_written_by_the_stores_clock() -> None:
    subscriber = Subscriber(clock_ahead=timedelta(days=2))
    crash_while_holding(subscriber)
    subscriber.time += timedelta(hours=5)
    lose_replies(subscriber, 1)

    subscriber.push()

    times = [claimed_at.replace(microsecond=0) for claimed_at in subscriber.claimed_at]
    assert times == [at.replace(microsecond=0) for at in (NOW, NOW + timedelta(hours=5))]


def test_duplicate_of_a_sent_event_is_acknowledged_without_acting() -> None:
    subscriber = Subscriber()
    subscriber.push()
    before = subscriber.record()

    subscriber.push()

    assert (subscriber.acted, subscriber.record()) == (1, before)


def test_held_lease_fails_the_push() -> None:
    subscriber = Subscriber()

    def push_again() -> None:
        subscriber.time += timedelta(seconds=44.9)
        with pytest.raises(DeliveryInProgressError):
            subscriber.push()

    subscriber.push(push_again)

    assert subscriber.acted == 1
    assert subscriber.record().state is DeliveryState.SENT


def test_lease_of_a_dead_holder_is_taken_over_and_counted() -> None:
    subscriber = Subscriber()
    crash_while_holding(subscriber)
    dead = subscriber.record()
    subscriber.time += AFTER_THE_LEASE

    subscriber.push()

    record = subscriber.record()
    assert (record.state, record.attempts, record.takeovers) == (DeliveryState.SENT, 2, 1)
    assert record.token != dead.token


@pytest.mark.parametrize("of_the_dead", [timedelta(days=1), timedelta(days=-1)])
@pytest.mark.parametrize("of_its_successor", [timedelta(days=1), timedelta(days=-1)])
def test_lease_lasts_as_long_whatever_the_clocks_of_its_holders_say(
    of_the_dead: timedelta, of_its_successor: timedelta
) -> None:
    subscriber = Subscriber(clock_ahead=of_the_dead)
    crash_while_holding(subscriber)
    subscriber.clock_ahead = of_its_successor
    subscriber.time += timedelta(seconds=44.9)
    with pytest.raises(DeliveryInProgressError):
        subscriber.push()
    subscriber.time += timedelta(seconds=0.1)

    subscriber.push()

    assert (subscriber.record().state, subscriber.record().takeovers) == (DeliveryState.SENT, 1)


def test_attempt_that_may_work_later_is_released_and_fails_the_push() -> None:
    subscriber = Subscriber()

    with pytest.raises(NotDeliveredError):
        subscriber.push(raising(NotDeliveredError("smtp_421")))

    record = subscriber.record()
    assert (record.state, record.last_error, record.unknown_outcomes) == (DeliveryState.RELEASED, "smtp_421", 0)


def test_released_event_is_attempted_again_at_once() -> None:
    subscriber = Subscriber()
    with pytest.raises(NotDeliveredError):
        subscriber.push(raising(NotDeliveredError("smtp_421")))

    subscriber.push()

    record = subscriber.record()
    assert (record.state, record.attempts, record.takeovers, record.last_error) == (DeliveryState.SENT, 2, 0, "")


def test_unknown_outcomes_are_counted_over_all_attempts() -> None:
    subscriber = Subscriber()
    for _ in range(2):
        with pytest.raises(NotDeliveredError):
            subscriber.push(raising(NotDeliveredError("reply_to_data_lost", outcome_unknown=True)))
    with pytest.raises(NotDeliveredError):
        subscriber.push(raising(NotDeliveredError("smtp_421")))

    subscriber.push()

    record = subscriber.record()
    assert (record.state, record.attempts, record.unknown_outcomes) == (DeliveryState.SENT, 4, 2)


def test_refused_event_is_recorded_and_acknowledged() -> None:
    subscriber = Subscriber()

    subscriber.push(raising(UndeliverableError("rcpt_550")))
    subscriber.push()

    assert subscriber.acted == 0
    assert (subscriber.record().state, subscriber.record().last_error) == (DeliveryState.UNDELIVERABLE, "rcpt_550")


@pytest.mark.parametrize("end", [NotDeliveredError("x"), DeliveryInProgressError(), LeaseLostError()])
def test_everything_that_has_to_be_redelivered_is_one_kind_of_error(end: Exception) -> None:
    assert isinstance(end, DeliveryError)


@pytest.mark.parametrize(
    ("end", "lines"),
    [
        (None, [("mail_sent", logging.INFO)]),
        (NotDeliveredError("smtp_421"), [("mail_retried", logging.WARNING)]),
        (UndeliverableError("rcpt_550"), [("mail_refused", logging.ERROR)]),
    ],
)
def test_each_outcome_is_one_log_line_without_personal_data(
    end: Exception | None, lines: list[tuple[str, int]], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "usher")
    subscriber = Subscriber()

    try:
        subscriber.push(raising(end) if end else lambda: None)
    except NotDeliveredError:
        assert end

    assert [(record.message, record.levelno) for record in caplog.records] == lines
    assert {"event_id", "attempts", "takeovers", "latency_ms"} <= vars(caplog.records[0])["fields"].keys()
    assert EVENT.email not in caplog.text
