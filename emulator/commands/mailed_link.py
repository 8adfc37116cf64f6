"""Proves a mailbox on the local stack, as a person does: requests the mail, and takes the token from its link."""

import re
from collections.abc import Callable, Sequence

import httpx

from emulator.commands.mails import MAIL_SECONDS, MailsTo
from emulator.commands.posting import post
from emulator.processes.status import Destination

_LINK = re.compile(r"https?://\S+#([\w-]+\.[\w-]+)")


def mailed_token(
    address: str,
    mails: MailsTo,
    destination: Destination | None,
    *,
    url: str,
    client: httpx.Client,
    say: Callable[[str], None],
) -> str | None:
    """
    Request a sign-up at `url`, and return the token of a link; say what happens, also if there is none.

    `destination` is where mails go. A link of an earlier request is as good: it may be too early for another mail.

    Raises:
        StackError: Nothing responds at `url`, or the inbox has stopped responding.
    """
    is_inbox = destination is None or destination.inbox
    earlier = mails.ids() if is_inbox else []
    if not post({"email": address}, f"{url}sign-ups", client=client, say=say):
        return None
    if destination and not is_inbox:
        say(f"The mail is sent through {destination.server}: open the link in it to finish signing up.")
        return None

    def told(ids: Sequence[str]) -> tuple[str, str] | None:
        """A mail and its token, or a new mail without one."""
        texts = ((mail_id, _LINK.search(mails.text(mail_id))) for mail_id in ids)
        return next(((each, link[1] if link else "") for each, link in texts if link or each not in earlier), None)

    found, waited = mails.wait(told)
    if not found:
        say(f"No mail arrived within {MAIL_SECONDS} s: there is one a minute to an address, and five a day.")
        return None
    mail_id, token = found
    if not token:
        say(f"An account with this address already exists, as the mail says: {mails.shown_at(mail_id)}")
        return None
    when = "of an earlier request" if mail_id in earlier else f"arrived after {waited:.1f} s"
    say(f"Mail with the link, {when}: {mails.shown_at(mail_id)}")
    return token
