"""The links in mails that prove a mailbox."""

import re
from email.message import EmailMessage

_LINK = re.compile(r"https?://\S+#\S+")


def link_in(mail: EmailMessage) -> str:
    """The link in the mail's text; empty where there is none."""
    body = mail.get_body(("plain",))
    found = _LINK.search(body.get_content()) if body else None
    return found[0] if found else ""
