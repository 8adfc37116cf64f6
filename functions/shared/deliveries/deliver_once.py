"""
Deliver once: claim the delivery of an event, act, record the outcome. Step 7 of docs/architecture.md.

    0 s     claim: `sending`, with a lease
    |         act, until its deadline
    30 s    the act's deadline: it must not succeed after this
    |         record the outcome: `sent`, `undeliverable` or `released`
    45 s    the lease ends: a redelivery may take over
    50 s    the request times out
    60 s    the acknowledgement deadline: the broker redelivers

Every write names the version that it replaces, and only the holder of the latest token knows the latest version: a
holder that wakes up late overwrites nothing of its successor's. The lease is counted on the store's clock, from the
write of the claim; all else on the monotonic clock of its process, from before that. No wall clock decides anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic, sleep
from uuid import uuid4

from shared.contract.delivery_state import DeliveryState
from shared.contract.log_events import EffectOutcome, LogEvent
from shared.deliveries.delivery import (
    Attempt,
    Deliveries,
    DeliveriesUnavailableError,
    Delivery,
    DeliveryConflictError,
    DeliveryInProgressError,
    LeaseLostError,
    NotDeliveredError,
    UndeliverableError,
    Version,
)
from shared.events.event import Event
from shared.runtime import logs

PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Lease:
    """How long a claim is respected, and how much of that the act may use; what is left is for recording."""

    seconds: float
    act_seconds: float


def deliver_once(
    event: Event,
    act: Callable[[Attempt], None],
    *,
    effect: str,
    deliveries: Deliveries,
    lease: Lease,
    now: Callable[[], datetime],
) -> None:
    """
    Run `act` unless the event's delivery is finished or another holder is at it.

    `act` must end by its attempt's deadline. It raises UndeliverableError when permanently refused and
    NotDeliveredError when it may work later; any other exception leaves the lease to run out, since nobody knows what
    happened. `effect` names it in the logs: `mail_sent`, `mail_retried`, `mail_refused`.

    Raises:
        DeliveryError: The event has to be redelivered.
    """
    # Counted from before the claim, so that a process paused after it finds its time over when it resumes.
    started = monotonic()
    record = _Record(event, deliveries, now, started)
    claim, version = record.claim(lease.seconds)
    if claim.is_finished:
        logs.info(LogEvent.DELIVERY_ALREADY_FINISHED, event_id=event.event_id, state=claim.state)
        return
    try:
        act(Attempt(started + lease.act_seconds, claimed_at=version))
    except UndeliverableError as error:
        undeliverable = replace(claim, state=DeliveryState.UNDELIVERABLE, last_error=error.code)
        record.settle(undeliverable, version, until=started + lease.seconds)
        logs.error(EffectOutcome.REFUSED.of(effect), code=error.code, **record.logged(claim))
    except NotDeliveredError as error:
        logs.warning(
            EffectOutcome.RETRIED.of(effect),
            code=error.code,
            outcome_unknown=error.outcome_unknown,
            **record.logged(claim),
        )
        unknown_outcomes = claim.unknown_outcomes + error.outcome_unknown
        released = replace(
            claim, state=DeliveryState.RELEASED, last_error=error.code, unknown_outcomes=unknown_outcomes
        )
        record.settle(released, version, until=started)
        raise
    else:
        record.settle(replace(claim, state=DeliveryState.SENT, last_error=""), version, until=started + lease.seconds)
        logs.info(EffectOutcome.SENT.of(effect), **record.logged(claim))


@dataclass(frozen=True)
class _Record:
    """The record of one event's delivery."""

    event: Event
    deliveries: Deliveries
    now: Callable[[], datetime]
    started: float

    def claim(self, lease_seconds: float) -> tuple[Delivery, Version]:
        """Return our claim, or the record if it is finished."""
        mine = Delivery(
            state=DeliveryState.SENDING,
            token=uuid4().hex,
            lease_expires_at=self.now() + timedelta(seconds=lease_seconds),
            lease_seconds=lease_seconds,
        )
        found, version, age_seconds = self._write(mine, replacing=None)
        if found == mine or found.is_finished:
            return found, version
        if found.is_held(age_seconds):
            raise DeliveryInProgressError
        expired = found.state is DeliveryState.SENDING
        mine = replace(
            mine,
            attempts=found.attempts + 1,
            takeovers=found.takeovers + expired,
            unknown_outcomes=found.unknown_outcomes,
            last_error=found.last_error,
        )
        found, version, _ = self._write(mine, replacing=version)
        if found != mine:
            raise DeliveryInProgressError
        if expired:
            logs.warning(LogEvent.DELIVERY_TAKEN_OVER, **self.logged(mine))
        return mine, version

    def settle(self, outcome: Delivery, version: Version, *, until: float) -> None:
        """Record the outcome, trying until then on the monotonic clock: unrecorded it would be acted on again."""
        while True:
            try:
                found, *_ = self._write(outcome, replacing=version)
                break
            except DeliveriesUnavailableError:
                if monotonic() >= until:
                    raise
            sleep(PAUSE_SECONDS)
        if found != outcome:
            raise LeaseLostError

    def logged(self, delivery: Delivery) -> dict[str, logs.Field]:
        return {
            "event_id": self.event.event_id,
            "user_id": self.event.user_id,
            "attempts": delivery.attempts,
            "takeovers": delivery.takeovers,
            "act_ms": round((monotonic() - self.started) * 1000),
            "latency_ms": self.event.age_ms(self.now()),
        }

    def _write(self, delivery: Delivery, *, replacing: Version | None) -> tuple[Delivery, Version, float]:
        """
        Write, and return what the store then holds, its version and how many seconds ago it was written.

        That is `delivery`, also where only the reply was lost, or another's record.
        """
        try:
            return delivery, self.deliveries.write(self.event.event_id, delivery, replacing=replacing), 0.0
        except DeliveryConflictError:
            return self.deliveries.read(self.event.event_id)
