"""Request a sign-up: mail a link to an address, or a note to the user who holds it. Who asks does not learn which."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

from shared.contract.log_events import LogEvent
from shared.events.event import Event, EventId, UserId
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from shared.outbox.outbox import Entry, EntryVersion
from shared.runtime import logs, tracing

from .mail_count import MailCount

MAILS_A_DAY = 5  # to one address
TAGGED_MAILS_A_DAY = 20  # to all tagged addresses of one mailbox
PAUSE = timedelta(minutes=1)  # between two mails to one address


class RequestsUnavailableError(Exception):
    """The store did not respond. Whether a mail follows is unknown; repeating is safe, and mails are counted."""


@dataclass(frozen=True)
class Requested:
    """
    What the store knows about an address: who holds it, the mails of requests to it, and `at` what time on its clock.

    `tagged` counts those to all tagged addresses of its mailbox, and is None for an untagged address: nobody else's
    request silences that.
    """

    at: datetime
    holder: UserId | None
    mails: MailCount
    tagged: MailCount | None

    @property
    def may_mail(self) -> bool:
        return self.mails.allows_another(self.at, a_day=MAILS_A_DAY, pause=PAUSE) and (
            self.tagged is None or self.tagged.allows_another(self.at, a_day=TAGGED_MAILS_A_DAY)
        )


class Requests(Protocol):
    """Keeps requests. Its methods raise RequestsUnavailableError."""

    def look_up(self, address: str) -> Requested: ...

    def address_of(self, user_id: UserId) -> str | None:
        """The address as stored, if there is such a user. Nothing else is read: it could be a reason to fail."""

    def count(self, address: str, requested: Requested, event: Event) -> EntryVersion | None:
        """
        Count one more mail and put its event into the outbox: all or nothing.

        Returns the version of the outbox's entry, or None if the counts have changed since they were looked up:
        another request mails now.
        """


def request_sign_up(address: str, *, requests: Requests, publish: Callable[[Entry], None], traceparent: str) -> None:
    """
    Mail a link to the address, or tell its holder, or do neither where it had its mails: with the same calls.

    `publish` makes a best effort and raises nothing: what it cannot publish waits in the outbox.

    Raises:
        RequestsUnavailableError: It is not known whether a mail follows.
    """
    with tracing.step("look_up"):
        requested = requests.look_up(address)
        # For an address that nobody holds, too, so that both take as long.
        held_address = requests.address_of(requested.holder or UserId(str(uuid4())))
    event = _event(requested, address, held_address, traceparent=traceparent)
    with tracing.step("store"):
        version = requests.count(address, requested, event) if requested.may_mail else None
    if version is None:
        logs.info(LogEvent.SIGN_UP_REQUEST_SILENCED)
        return
    with tracing.step("publish"):
        publish(Entry(event, version))
    logs.info(LogEvent.SIGN_UP_REQUESTED, event_id=event.event_id, user_id=event.user_id, **tracing.step_times())


def _event(requested: Requested, address: str, held_address: str | None, *, traceparent: str) -> Event:
    """Its ids say nothing about the address: they are in logs."""
    event_id = EventId(str(uuid4()))
    if requested.holder is None:
        subject = UserId(str(uuid4()))
        return SignUpRequested(
            event_id=event_id, user_id=subject, email=address, occurred_at=requested.at, traceparent=traceparent
        )
    if held_address is None:
        logs.error(LogEvent.RESERVATION_WITHOUT_USER, user_id=requested.holder)
    return SignUpRepeated(
        event_id=event_id,
        user_id=requested.holder,
        email=held_address or address,  # as stored: of what the caller sent, only the traceparent is passed on
        occurred_at=requested.at,
        traceparent=traceparent,
    )
