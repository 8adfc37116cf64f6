"""Whatever holders, crashes, lost replies and time do to a delivery record, in any order, its promises hold."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from google.cloud.firestore import Client
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shared.contract.delivery_state import DeliveryState
from shared.deliveries.deliver_once import Lease, deliver_once
from shared.deliveries.delivery import (
    Attempt,
    Deliveries,
    DeliveriesUnavailableError,
    Delivery,
    DeliveryError,
    NotDeliveredError,
    UndeliverableError,
    Version,
)
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.events.event import EventId
from testkit import fakes
from testkit.builders import a_user_created
from testkit.database import database_of
from testkit.stepping import GOING_WRONG, Clock, Stepped, Way

_LEASE = Lease(seconds=45, act_seconds=30)
_SKEWS_SECONDS = (-86_400, 0, 86_400)
_AT_ONCE = 3
_EARLIER_PUSHES = st.sampled_from([None, Way.CRASH_BEFORE, Way.FAILS])


@dataclass(frozen=True)
class Transition:
    """A write of the record, `seconds` after the last; `has_mailed` tells whether the writer has."""

    before: Delivery | None
    after: Delivery
    seconds: float
    has_mailed: bool

    @property
    def is_allowed(self) -> bool:
        before, after = self.before, self.after
        if before is None:
            return after.state is DeliveryState.SENDING
        counted = after.takeovers - before.takeovers, after.unknown_outcomes - before.unknown_outcomes
        if before.token == after.token:
            may_be_copied = after.state is DeliveryState.RELEASED and self.has_mailed
            return (
                before.state is DeliveryState.SENDING
                and after.state is not DeliveryState.SENDING
                and counted == (0, may_be_copied)
            )
        is_free = not before.is_finished and not before.is_held(self.seconds)
        return (
            is_free and after.state is DeliveryState.SENDING and counted == (before.state is DeliveryState.SENDING, 0)
        )


class Holder(Stepped):
    """A push of the event: it delivers once, by a clock that is wrong by `skew_seconds`. Its result acknowledges it."""

    expected = (DeliveryError,)

    def __init__(self, machine: "DeliveryMachine", skew_seconds: float = 0, *, is_refused: bool = False) -> None:
        self._machine = machine
        self._skew_seconds = skew_seconds
        self._is_refused = is_refused
        self._deadline = 0.0
        self._has_mailed = False
        super().__init__()

    def work(self) -> bool:
        machine = self._machine
        deliver_once(machine.event, self._act, effect="mail", deliveries=self, lease=_LEASE, now=self._now)
        return True

    @property
    def may_act(self) -> bool:
        return self.stopped_at == "send" and self._machine.clock.monotonic() < self._deadline

    def read(self, event_id: EventId) -> tuple[Delivery, Version, float]:
        def read() -> tuple[Delivery, Version, float]:
            delivery, version, _ = self._machine.deliveries.read(event_id)
            return delivery, version, self._machine.record_age_seconds

        return self.effect("read", read, failed=DeliveriesUnavailableError())

    def write(self, event_id: EventId, delivery: Delivery, *, replacing: Version | None) -> Version:
        def write() -> Version:
            version = self._machine.deliveries.write(event_id, delivery, replacing=replacing)
            self._machine.change(delivery, has_mailed=self._has_mailed)
            return version

        return self.effect("write", write, failed=DeliveriesUnavailableError())

    def _act(self, attempt: Attempt) -> None:
        self._deadline = attempt.deadline
        unknown = NotDeliveredError("reply_lost", outcome_unknown=True)
        self.effect("send", self._send, failed=NotDeliveredError("down"), unknown=unknown)

    def _send(self) -> None:
        if not self._machine.clock.monotonic() < self._deadline:
            raise NotDeliveredError("deadline_passed")
        if self._is_refused:
            raise UndeliverableError("rcpt_550")
        self._machine.mails += 1
        self._has_mailed = True

    def _now(self) -> datetime:
        return self._machine.clock.now(self._skew_seconds)


class DeliveryMachine(RuleBasedStateMachine):
    """An event, pushed again and again, and after it another."""

    def __init__(self, deliveries: Deliveries) -> None:
        super().__init__()
        self.deliveries = deliveries
        self.event = a_user_created()
        self.clock = Clock()
        self.holders: list[Holder] = []
        self.transitions: list[Transition] = []
        self._written_at = 0.0
        self.mails = 0
        self._patches = pytest.MonkeyPatch()
        self._patches.setattr("shared.deliveries.deliver_once.monotonic", self.clock.monotonic)

    @property
    def record(self) -> Delivery | None:
        return self.transitions[-1].after if self.transitions else None

    @property
    def record_age_seconds(self) -> float:
        """On the store's clock."""
        return self.clock.seconds - self._written_at

    def change(self, record: Delivery, *, has_mailed: bool) -> None:
        self.transitions.append(Transition(self.record, record, self.record_age_seconds, has_mailed))
        self._written_at = self.clock.seconds

    @precondition(lambda self: len(self.holders) < _AT_ONCE)
    @rule(skew_seconds=st.sampled_from(_SKEWS_SECONDS), is_refused=st.sampled_from([False, False, False, True]))
    def push(self, skew_seconds: float, is_refused: bool) -> None:  # noqa: FBT001  hypothesis passes it by name
        self.holders.append(Holder(self, skew_seconds, is_refused=is_refused))

    @precondition(lambda self: self.record and self.record.is_finished and not self.holders)
    @rule(earlier_push=_EARLIER_PUSHES)
    def turn_to_another_event(self, earlier_push: Way | None) -> None:
        self.event = a_user_created()
        self.transitions = []
        self.mails = 0
        self.begin(earlier_push)

    @initialize(earlier_push=_EARLIER_PUSHES)
    def begin(self, earlier_push: Way | None) -> None:
        """Often there is a record already: a lease that has run out, or a release."""
        if earlier_push:
            holder = Holder(self)
            for way in (Way.WELL, earlier_push):
                holder.step(way)
            holder.go_on()
            self.clock.seconds += _LEASE.seconds

    @precondition(lambda self: self.holders)
    @rule(number=st.integers(0, _AT_ONCE - 1), steps=st.integers(1, 3))
    def go_on(self, number: int, steps: int) -> None:
        holder = self.holders[number % len(self.holders)]
        holder.go_on(steps)
        self._part_from(holder)

    @precondition(lambda self: self.holders)
    @rule(number=st.integers(0, _AT_ONCE - 1), way=st.sampled_from(GOING_WRONG))
    def go_wrong(self, number: int, way: Way) -> None:
        holder = self.holders[number % len(self.holders)]
        if holder.stopped_at != "send" or way is not Way.REPEATED:  # only a redelivery repeats a mail
            holder.step(way)
        self._part_from(holder)

    @rule(seconds=st.sampled_from([1, 13, 27, 46]))
    def let_time_pass(self, seconds: float) -> None:
        self.clock.seconds += seconds

    @invariant()
    def at_most_one_holder_may_act(self) -> None:
        assert sum(holder.may_act for holder in self.holders) <= 1

    @invariant()
    def every_transition_is_its_holders_to_make(self) -> None:
        assert all(transition.is_allowed for transition in self.transitions)

    @invariant()
    def every_mail_beyond_the_first_is_counted(self) -> None:
        counted = self.record.takeovers + self.record.unknown_outcomes if self.record else 0
        assert self.mails <= 1 + counted

    def _part_from(self, holder: Holder) -> None:
        if holder.is_over:
            assert holder.error is None
            assert not holder.result or (self.record and self.record.is_finished), "only that acknowledges a push"
            self.holders.remove(holder)

    def teardown(self) -> None:
        """All holders die; one more push, undisturbed, finishes the delivery."""
        try:
            for holder in self.holders:
                holder.step(Way.CRASH_BEFORE)
            self.clock.seconds += 100
            last = Holder(self)
            last.go_on()
            assert last.error is None
            assert self.record is not None
            assert self.record.is_finished
            assert self.record == self.deliveries.read(self.event.event_id)[0]
            assert self.mails or self.record.state is DeliveryState.UNDELIVERABLE
            self.every_transition_is_its_holders_to_make()
            self.every_mail_beyond_the_first_is_counted()
        finally:
            self._patches.undo()


FEW = settings(max_examples=25, stateful_step_count=40, deadline=None)
SOME = settings(FEW, max_examples=50)
MANY = settings(FEW, max_examples=150)  # not more: docs/explore.md says what is searched without a gap
EXHAUSTIVE = [pytest.mark.exhaustive, pytest.mark.timeout(900)]


@pytest.mark.parametrize("extent", [pytest.param(SOME, marks=pytest.mark.sample), pytest.param(MANY, marks=EXHAUSTIVE)])
def test_the_promises_hold_over_the_fake_store(extent: settings) -> None:
    class OverTheFake(DeliveryMachine):
        def __init__(self) -> None:
            super().__init__(fakes.Deliveries())

    run_state_machine_as_test(OverTheFake, settings=extent)


@pytest.mark.parametrize("extent", [pytest.param(FEW, marks=pytest.mark.sample), pytest.param(MANY, marks=EXHAUSTIVE)])
def test_the_promises_hold_over_firestore(firestore_client: Client, extent: settings) -> None:
    class OverFirestore(DeliveryMachine):
        def __init__(self) -> None:
            super().__init__(FirestoreDeliveries(database_of(firestore_client), "send_email"))

    run_state_machine_as_test(OverFirestore, settings=extent)
