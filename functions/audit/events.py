"""Whether every subscriber has finished the event of every user, or something will still bring it the event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

from .records import Backlogs, Deliveries, Records, StoredUser, Subscriber
from .report import Fault, Finding


@dataclass(frozen=True, kw_only=True)
class Pushes:
    """How events reach their subscribers. All attempts at one take `attempts_seconds`; then it is a dead letter."""

    subscribers: Sequence[Subscriber]
    dead_letters: str
    attempts_seconds: float


@dataclass(frozen=True)
class Unfinished:
    """An event that a subscriber has not finished, and whether something will, or may, still bring it."""

    user: StoredUser
    subscriber: Subscriber
    is_coming: bool

    @property
    def finding(self) -> Finding:
        return Finding(Fault.EVENT_LOST, self.user.user_id, self.user.event_id, self.subscriber.name)


class Events:
    """What one audit learns of them. The order in which it reads is the argument of audit.py."""

    def __init__(self, records: Records, pushes: Pushes) -> None:
        self._records = records
        self._pushes = pushes
        self._met = {subscriber.name for subscriber in pushes.subscribers if not subscriber.optional}
        self._left_outbox_before: datetime | None = None
        self.possible_duplicates = 0
        self.not_expected = 0

    def first_look(self, users: Sequence[StoredUser]) -> Sequence[Unfinished]:
        deliveries = self._deliveries(users)
        self.possible_duplicates += sum(record.possible_duplicates for record in deliveries.values())
        expected = [pair for pair in product(users, self._pushes.subscribers) if self._expects(*pair, deliveries)]
        unfinished, looked_at = self._look(expected, deliveries)
        self._left_outbox_before = looked_at or self._left_outbox_before
        return unfinished

    def second_look(self, users: Sequence[StoredUser], backlogs: Backlogs) -> Sequence[Unfinished]:
        unfinished, _ = self._look(product(users, self._pushes.subscribers), self._deliveries(users))
        return [
            replace(each, is_coming=each.is_coming or self._may_be_a_message(each, backlogs)) for each in unfinished
        ]

    def _deliveries(self, users: Sequence[StoredUser]) -> Deliveries:
        return self._records.deliveries(
            [subscriber.name for subscriber in self._pushes.subscribers], [user.event_id for user in users]
        )

    def _expects(self, user: StoredUser, subscriber: Subscriber, deliveries: Deliveries) -> bool:
        """Users come oldest first: a subscriber without a record so far may have been added later."""
        if (subscriber.name, user.event_id) in deliveries:
            self._met.add(subscriber.name)
        self.not_expected += subscriber.name not in self._met
        return subscriber.name in self._met

    def _look(
        self, expected: Iterable[tuple[StoredUser, Subscriber]], deliveries: Deliveries
    ) -> tuple[Sequence[Unfinished], datetime | None]:
        """Whose deliveries are not finished, and when the outbox was looked at for them."""
        unfinished = []
        for user, subscriber in expected:
            record = deliveries.get((subscriber.name, user.event_id))
            if not record or not record.is_finished:
                # Each attempt writes the record. Once it has not been written for so long, none will be made.
                is_tried = record is not None and record.age_seconds < self._pushes.attempts_seconds
                unfinished.append(Unfinished(user, subscriber, is_coming=is_tried))
        waiting, looked_at = self._records.in_outbox({each.user.event_id for each in unfinished})
        return [
            replace(each, is_coming=each.is_coming or each.user.event_id in waiting) for each in unfinished
        ], looked_at

    def _may_be_a_message(self, event: Unfinished, backlogs: Backlogs) -> bool:
        """True where nobody can tell."""
        before, backlog = self._left_outbox_before, backlogs.get(event.subscriber.subscription)
        if not before or not backlog or backlog.oldest < before:
            return True
        # Pub/Sub does not wait exactly. Half of what all attempts take is too soon in any case.
        if event.user.age_seconds < self._pushes.attempts_seconds / 2:
            return False
        # When the event became a dead letter nobody knows, so each of them may be it.
        dead_letters = backlogs.get(self._pushes.dead_letters)
        return not dead_letters or dead_letters.messages > 0
