"""The auditor's verdict on what a storm has left. Nothing moves any more, so everything is finished or lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.cloud.firestore import Client

from audit.audit import Scope, audit
from audit.events import Pushes
from audit.firestore_records import FirestoreRecords
from audit.records import Backlog, Subscriber
from audit.report import Report

_SEND_EMAIL = Subscriber("send_email", "send-email")
_DEAD_LETTERS = "dead-letters"
_ALL = 1_000_000


def audit_the_rest(client: Client, *, dead_letters: int) -> Report:
    """Audit everything, knowing that no message is left but so many dead letters."""
    now = datetime.now(UTC)
    scope = Scope(
        created_from=now - timedelta(days=1),
        created_to=now + timedelta(days=1),
        most_users=_ALL,
        most_reservations=_ALL,
        pushes=Pushes(subscribers=[_SEND_EMAIL], dead_letters=_DEAD_LETTERS, attempts_seconds=1),
        settled_seconds=0,
        outbox_late_seconds=0,
    )
    return audit(scope, FirestoreRecords(client), _Left(dead_letters), pause=lambda: None)


@dataclass(frozen=True)
class _Left:
    dead_letters: int

    def backlogs(self) -> Mapping[str, Backlog]:
        later = datetime.now(UTC) + timedelta(minutes=1)
        return {
            _SEND_EMAIL.subscription: Backlog(later, 0, later),
            _DEAD_LETTERS: Backlog(later, self.dead_letters, later),
        }
