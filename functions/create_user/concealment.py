"""Conceal who has an account: a sign-up for a taken address ends like any other, and its holder is told by mail."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import uuid5

from shared import logs
from shared.events.event import EventId
from shared.events.sign_up_repeated import SignUpRepeated

from .registration import EVENTS, AccountExistsError, Users
from .user import User


class RemindedUsers(Users, Protocol):
    """Keeps users, and what they are to be told."""

    def keep_event(self, event: SignUpRepeated) -> None:
        """
        Put the event into the outbox, unless it is there already.

        Raises:
            UsersUnavailableError: The store did not answer.
        """


def register_or_remind(
    register: Callable[[], User],
    email: str,
    *,
    users: RemindedUsers,
    publish: Callable[[SignUpRepeated], None],
    now: Callable[[], datetime],
    traceparent: str,
) -> None:
    """
    Register a user at `email`, or tell the one who exists: the caller does not learn which.

    `publish` makes a best effort and raises nothing: what it cannot publish waits in the outbox.

    Raises:
        RegistrationError: It may not have happened. For a taken address these are the errors of a free one.
    """
    try:
        register()
    except AccountExistsError as error:
        holder, _ = users.look_up(error.holder, email)
        if holder is None:  # nobody to tell; an answer of its own would tell the caller
            logs.error("reservation_without_user", user_id=error.holder)
            return
        event = sign_up_repeated(holder.user, now(), traceparent)
        users.keep_event(event)
        publish(event)
        logs.info("sign_up_concealed", user_id=event.user_id, event_id=event.event_id)


def sign_up_repeated(holder: User, time: datetime, traceparent: str) -> SignUpRepeated:
    """The event of a sign-up with this user's address or key: one for each user and day, in UTC."""
    return SignUpRepeated(
        event_id=EventId(str(uuid5(EVENTS, f"{holder.id} {time.date()}"))),
        user_id=holder.id,
        email=holder.email,  # as stored: what the caller typed reaches nobody
        occurred_at=time,
        traceparent=traceparent,
    )
