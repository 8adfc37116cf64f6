"""What an audit reads by its settings."""

from datetime import datetime, timedelta

from shared.contract.delivery_state import RECORDS_RELIED_ON

from .audit import Scope
from .events import Pushes
from .settings import Settings

_CLOCKS = timedelta(days=1)  # by how much an instance's clock, which `created_at` is of, may be wrong
_SLICES = 720  # of all reservations, one for each hour of thirty days
_NAMES = 16**6


def window(created_from: datetime, created_to: datetime, now: datetime) -> tuple[datetime, datetime]:
    """The window with a day more on either side, and within what records there are."""
    return max(created_from - _CLOCKS, now - RECORDS_RELIED_ON), created_to + _CLOCKS


def scheduled_scope(settings: Settings, now: datetime) -> Scope:
    """The hours before now, and the slice of the reservations whose turn it is."""
    created_from, created_to = window(now - timedelta(hours=settings.audit_hours), now, now)
    slice_of_now = int(now.timestamp()) // 3600 % _SLICES
    return Scope(
        created_from=created_from,
        created_to=created_to,
        most_users=settings.audit_users,
        first_reservation=f"{slice_of_now * _NAMES // _SLICES:06x}",
        most_reservations=settings.audit_reservations,
        pushes=Pushes(
            subscribers=settings.audited_subscribers,
            dead_letters=settings.dead_letter_subscription,
            attempts_seconds=settings.attempts_seconds,
        ),
        settled_seconds=settings.audit_settled_seconds,
        outbox_late_seconds=settings.outbox_late_seconds,
    )
