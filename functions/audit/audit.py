"""
Decide on live data whether I1 and I2 of docs/architecture.md hold. An audit changes nothing.

Everything moves while it reads: an event leaves the outbox as a message, and a message ends as a finished delivery. So
what is missing is looked for twice, in this order:

    first look     deliveries, then the outbox: what is in neither has been published before now, or is lost
    pause          for as long as the ages of messages lag behind
    messages       does a subscription hold any that was published before the first look ended?
    second look    deliveries, then the outbox: a message is acknowledged only once its delivery is finished

An event is lost if both looks miss it, and no message is old enough to be it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contract.delivery_state import RECORDS_RELIED_ON
from shared.users.address_key import reservation_id

from .events import Events, Pushes, Unfinished
from .records import Backlogs, Messages, Records, Reservation, StoredUser
from .report import Fault, Finding, Report

_PAGE = 100
_SHOWN_OF_AN_ID = 6  # enough to continue there, too little to tell an address by


@dataclass(frozen=True, kw_only=True)
class Scope:
    """
    What an audit reads, and what was promised.

    Users are chosen by `created_at`, an instance's clock; all ages are the store's. A user younger than
    `settled_seconds` may still be at work.
    """

    created_from: datetime
    created_to: datetime
    after_user: str = ""
    most_users: int
    first_reservation: str = ""
    most_reservations: int
    pushes: Pushes
    settled_seconds: float
    outbox_late_seconds: float


def audit(scope: Scope, records: Records, messages: Messages, *, pause: Callable[[], None]) -> Report:
    """
    Read what is in scope, and report.

    Raises:
        RecordsUnavailableError: Something cannot be read.
        NoSuchUserError: The user to continue after is not stored.
    """
    return _Audit(scope, records).run(messages, pause)


class _Audit:
    def __init__(self, scope: Scope, records: Records) -> None:
        self._scope = scope
        self._records = records
        self._events = Events(records, scope.pushes)
        self._report = Report(outbox_late_seconds=scope.outbox_late_seconds)

    def run(self, messages: Messages, pause: Callable[[], None]) -> Report:
        missing = {finding for users in self._users() for finding in self._first_look(users)}
        orphans = [orphan for page in self._reservations() for orphan in self._orphans(page)]
        if missing or orphans:
            pause()
        backlogs = messages.backlogs()
        broken = {*self._second_look(missing, backlogs), *self._still_orphans(orphans)}
        self._report.broken = sorted(broken)
        return self._with_piles(backlogs)

    def _users(self) -> Iterator[Sequence[StoredUser]]:
        """Page by page; without those who are too young to tell, or so old that their records have expired."""
        scope, left = self._scope, self._scope.most_users
        relied_on_seconds = RECORDS_RELIED_ON.total_seconds()
        for page in self._records.users(scope.created_from, scope.created_to, after=scope.after_user):
            read = page[:left]
            left -= len(read)
            users = [user for user in read if scope.settled_seconds <= user.age_seconds < relied_on_seconds]
            self._report.users += len(users)
            yield users
            if not left:
                self._report.next_user = read[-1].user_id
                return

    def _first_look(self, users: Sequence[StoredUser]) -> Iterator[Finding]:
        readable = [user for user in users if user.is_readable]
        unfinished = self._events.first_look(readable)
        self._wait(each for each in unfinished if each.is_coming)
        yield from self._faults(users, unfinished)

    def _second_look(self, missing: Collection[Finding], backlogs: Backlogs) -> Iterator[Finding]:
        user_ids = sorted({finding.user_id for finding in missing})
        for start in range(0, len(user_ids), _PAGE):
            users = self._records.stored(user_ids[start : start + _PAGE])
            unfinished = self._events.second_look([user for user in users if user.is_readable], backlogs)
            self._wait(each for each in unfinished if each.is_coming and each.finding in missing)
            yield from (finding for finding in self._faults(users, unfinished) if finding in missing)

    def _faults(self, users: Sequence[StoredUser], unfinished: Sequence[Unfinished]) -> Iterator[Finding]:
        """What is at fault as it looks just now."""
        reserved = self._records.reserved([user for user in users if user.is_readable])
        for user in users:
            if not user.is_readable:
                yield Finding(Fault.USER_UNREADABLE, user.user_id)
            elif user.user_id not in reserved:
                yield Finding(Fault.USER_WITHOUT_RESERVATION, user.user_id)
        yield from (each.finding for each in unfinished if not each.is_coming)

    def _wait(self, unfinished: Iterable[Unfinished]) -> None:
        for each in unfinished:
            self._report.waiting += 1
            self._report.overdue += each.user.age_seconds > self._scope.pushes.attempts_seconds

    def _reservations(self) -> Iterator[Sequence[Reservation]]:
        left = self._scope.most_reservations
        for page in self._records.reservations(self._scope.first_reservation):
            read = page[:left]
            left -= len(read)
            self._report.reservations += len(read)
            yield read
            if not left:
                self._report.next_reservation = read[-1].id[:_SHOWN_OF_AN_ID]
                return

    def _orphans(self, reservations: Sequence[Reservation]) -> Sequence[Reservation]:
        """Those whose user is not stored, or has another address; read after them, since one commit stores both."""
        users = self._records.stored(sorted({reservation.user_id for reservation in reservations}))
        held = {(reservation_id(user.address), user.user_id) for user in users}
        return [reservation for reservation in reservations if (reservation.id, reservation.user_id) not in held]

    def _still_orphans(self, orphans: Sequence[Reservation]) -> Iterator[Finding]:
        for start in range(0, len(orphans), _PAGE):
            again = self._records.reservations_with([orphan.id for orphan in orphans[start : start + _PAGE]])
            for orphan in self._orphans(again):
                yield Finding(Fault.RESERVATION_WITHOUT_USER, orphan.user_id)

    def _with_piles(self, backlogs: Backlogs) -> Report:
        report, pushes = self._report, self._scope.pushes
        report.possible_duplicates = self._events.possible_duplicates
        report.not_expected = self._events.not_expected
        report.outbox = self._records.outbox()
        report.undeliverable = self._records.undeliverable()
        report.malformed = self._records.malformed()
        if dead_letters := backlogs.get(pushes.dead_letters):
            report.dead_letters = dead_letters.pile()
        subscriptions = {pushes.dead_letters, *(subscriber.subscription for subscriber in pushes.subscribers)}
        report.unknown_ages = sorted(subscriptions - set(backlogs))
        return report
