"""The link in a mail: the page's address, and behind `#` what proves the mailbox."""

from datetime import datetime, timedelta

from shared.contract.delivery_state import LINK_EXPIRED
from shared.deliveries.delivery import NotDeliveredError, UndeliverableError
from shared.events.sign_up_requested import SignUpRequested
from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets

_WORTH_SENDING = timedelta(hours=1)  # what must be left of a link


def sign_up_link(event: SignUpRequested, *, url: str, keys: VersionedSecrets | None, at: datetime) -> str:
    """
    The link that a request asks for. It is derived from the event alone: a duplicate carries the same.

    `at` is the time on the store's clock, as the event's own is.

    Raises:
        UndeliverableError: It ends within the hour. Who still wants it can request another.
        NotDeliveredError: This revision has no keys yet: one with `LINK_KEYS` sends it.
    """
    link = SignUpLink.requested_at(event.occurred_at, event.email)
    if link.expires_at - at < _WORTH_SENDING:
        raise UndeliverableError(LINK_EXPIRED)
    if keys is None:
        raise NotDeliveredError("link_keys_missing")
    # A fragment is sent to no server: it reaches neither a log nor what a scanner fetches.
    return f"{url}#{link.token(keys)}"
