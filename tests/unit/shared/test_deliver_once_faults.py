"""Lost replies, crashes and late holders: nobody overwrites a successor, and nobody acts twice."""

from dataclasses import replace
from typing import Any

import pytest

from shared.contract.delivery_state import DeliveryState
from shared.deliveries.deliver_once import deliver_once
from shared.deliveries.delivery import (
    Attempt,
    Deliveries,
    DeliveriesUnavailableError,
    Delivery,
    DeliveryInProgressError,
    LeaseLostError,
    NotDeliveredError,
    UndeliverableError,
)
from testkit import fakes
from testkit.builders import NOW
from tests.unit.shared.delivering import (
    AFTER_THE_LEASE,
    EVENT,
    LEASE,
    Subscriber,
    crash_while_holding,
    lose_replies,
    raising,
)


def test_lost_reply_to_the_own_claim_is_a_claim() -> None:
    subscriber = Subscriber(fakes.Deliveries(lost_replies=1))

    subscriber.push()

    assert (subscriber.acted, subscriber.record().state) == (1, DeliveryState.SENT)


def test_lost_reply_to_the_own_outcome_is_an_outcome() -> None:
    subscriber = Subscriber()

    subscriber.push(lambda: lose_replies(subscriber, 1))

    assert (subscriber.acted, subscriber.record().state) == (1, DeliveryState.SENT)


def test_lost_reply_to_the_own_takeover_is_a_takeover() -> None:
    subscriber = Subscriber()
    crash_while_holding(subscriber)
    subscriber.time += AFTER_THE_LEASE
    lose_replies(subscriber, 1)

    subscriber.push()

    assert (subscriber.acted, subscriber.record().takeovers) == (1, 1)


@pytest.mark.parametrize("late_end", [None, NotDeliveredError("smtp_421"), UndeliverableError("rcpt_550")])
@pytest.mark.parametrize("successor_end", [None, ZeroDivisionError(), NotDeliveredError("smtp_450")])
def test_late_holder_overwrites_nothing_of_its_successor(
    late_end: Exception | None, successor_end: Exception | None
) -> None:
    subscriber = Subscriber()
    of_successor: list[Delivery] = []

    def sleep_through_the_lease() -> None:
        subscriber.time += AFTER_THE_LEASE
        if successor_end:
            with pytest.raises(type(successor_end)):
                subscriber.push(raising(successor_end))
        else:
            subscriber.push()
        of_successor.append(subscriber.record())
        if late_end:
            raise late_end

    with pytest.raises(LeaseLostError):
        subscriber.push(sleep_through_the_lease)

    assert [subscriber.record()] == of_successor


def test_only_one_of_two_takes_an_expired_lease_over() -> None:
    class Raced(fakes.Deliveries):
        """Where a competitor writes between our reading and our writing."""

        def write(self, event_id: Any, delivery: Delivery, *, replacing: Any) -> Any:
            if replacing is not None and not competitors:
                competitors.append(replace(delivery, token="competitor"))
                super().write(event_id, competitors[0], replacing=replacing)
            return super().write(event_id, delivery, replacing=replacing)

    competitors = [Delivery(state=DeliveryState.SENDING, token="unused", lease_expires_at=NOW)]
    subscriber = Subscriber(Raced())
    crash_while_holding(subscriber)
    subscriber.time += AFTER_THE_LEASE
    competitors.clear()

    with pytest.raises(DeliveryInProgressError):
        subscriber.push()

    assert (subscriber.acted, subscriber.record()) == (0, competitors[0])


def test_deadline_of_the_act_counts_from_before_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    attempts: list[Attempt] = []

    class Slow(fakes.Deliveries):
        def write(self, *arguments: Any, **keywords: Any) -> Any:
            nonlocal clock
            clock += 7
            return super().write(*arguments, **keywords)

    monkeypatch.setattr("shared.deliveries.deliver_once.monotonic", lambda: clock)
    slow: Deliveries = Slow()

    deliver_once(EVENT, attempts.append, effect="mail", deliveries=slow, lease=LEASE, now=lambda: NOW)

    assert [attempt.deadline for attempt in attempts] == [1030]


def test_store_that_is_silent_for_a_moment_costs_no_second_act() -> None:
    subscriber = Subscriber()

    def silence_the_store() -> None:
        subscriber.deliveries.silent_writes = 1

    subscriber.push(silence_the_store)

    assert (subscriber.acted, subscriber.record().state) == (1, DeliveryState.SENT)


def test_store_that_stays_silent_has_the_event_redelivered(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(0, 1000, 20))
    monkeypatch.setattr("shared.deliveries.deliver_once.monotonic", lambda: next(seconds))
    monkeypatch.setattr("shared.deliveries.deliver_once.sleep", lambda _: None)
    subscriber = Subscriber()

    def silence_the_store() -> None:
        subscriber.deliveries.silent_writes = 1000

    with pytest.raises(DeliveriesUnavailableError):
        subscriber.push(silence_the_store)

    assert subscriber.record().state is DeliveryState.SENDING
