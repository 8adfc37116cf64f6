"""Conceal who has an account: a sign-up for a taken address ends like any other, and its holder is told by mail."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import uuid5

from shared.contract.log_events import LogEvent
from shared.events.event import EventId, UserId
from shared.events.sign_up_repeated import SignUpRepeated
from shared.outbox.outbox import Entry, EntryVersion
from shared.runtime import logs

from .registration import EVENT_IDS, AccountExistsError, Passwords, Registration
from .user import PasswordHash


class RemindedUsers(Protocol):
    """Stores what concealment needs. Its methods raise UsersUnavailableError."""

    def address_of(self, user_id: UserId) -> str | None:
        """The address as stored, if there is one. Nothing else of the user is read: it could be a reason to fail."""

    def keep_event(self, event: SignUpRepeated) -> EntryVersion | None:
        """Put the event into the outbox and return the entry's version, unless it has ever been there."""


class UnverifiedRepeats:
    """
    Passwords that are hashed and never verified: a repeat under the same key counts as the same caller.

    The caller gets the same response either way, and under load a second hash would reveal that a user exists.
    """

    def __init__(self, passwords: Passwords) -> None:
        self.hash = passwords.hash

    def verify(self, _password: str, _password_hash: PasswordHash) -> bool:
        return True


def register_or_remind(
    register: Callable[[], Registration],
    *,
    users: RemindedUsers,
    publish: Callable[[Entry], None],
    now: Callable[[], datetime],
    traceparent: str,
) -> None:
    """
    Register a user, or notify the existing one: the caller does not learn which.

    `publish` makes a best effort and raises nothing: what it cannot publish waits in the outbox.

    Raises:
        RegistrationError: It may not have happened. For a taken address these are the errors of a free one.
    """
    try:
        register()
    except AccountExistsError as error:
        address = users.address_of(error.holder)
        if address is None:  # nobody to notify; a response of its own would reveal it to the caller
            logs.error(LogEvent.RESERVATION_WITHOUT_USER, user_id=error.holder)
            return
        event = sign_up_repeated(error.holder, address, time=now(), traceparent=traceparent)
        version = users.keep_event(event)
        if version is not None:  # else it is published already, or waits for the relay
            publish(Entry(event, version))
        logs.info(LogEvent.SIGN_UP_CONCEALED, user_id=event.user_id, event_id=event.event_id)


def sign_up_repeated(holder: UserId, address: str, *, time: datetime, traceparent: str) -> SignUpRepeated:
    """The event of a sign-up with this user's address or key: one for each user and day, in UTC."""
    return SignUpRepeated(
        event_id=EventId(str(uuid5(EVENT_IDS, f"{holder} {time.date()}"))),
        user_id=holder,
        email=address,  # as stored: of what the caller sent, only the traceparent is passed on
        occurred_at=time,
        traceparent=traceparent,
    )
