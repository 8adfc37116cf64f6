"""Register a user who has proved the mailbox first: a link comes before the form and the hash."""

from collections.abc import Callable
from datetime import datetime

from shared.events.event import UserId
from shared.links.sign_up_link import SignUpLink
from shared.outbox.outbox import Entry
from shared.runtime import tracing

from .registration import Passwords, Registration, Users, earlier_registration, register_user
from .user import NewUser, User


def register_verified_user(
    link: SignUpLink,
    new_user: NewUser,
    user_id: UserId,
    *,
    passwords: Passwords,
    users: Users,
    publish: Callable[[Entry], None],
    now: Callable[[], datetime],
    traceparent: str,
) -> Registration:
    """
    Register the user of a link, unless it was used or has ended.

    The look-up before the hash decides nothing, the commit does: it only keeps a link from buying hashes without end.

    Raises:
        LinkError: It has ended, on the store's clock.
        RegistrationError: Its subclasses tell the caller what to do.
    """
    with tracing.step("look_up"):
        found = users.look_up(user_id, link.address)
    if not found.stored:  # whoever repeats a sign-up had a good link then: the response stays the first one's
        link.check(found.at)
    earlier = earlier_registration(
        found,
        User.from_sign_up(new_user, user_id, created_at=found.at),
        new_user.password,
        passwords=passwords,
        traceparent=traceparent,
    )
    if earlier:
        publish(earlier.entry)
        return earlier
    return register_user(
        new_user, user_id, passwords=passwords, users=users, publish=publish, now=now, traceparent=traceparent
    )
