"""Refuses a sender that send_email would refuse at its start, so that `plan` says so too."""

import re

_UNPRINTABLE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_ATOM = r"[a-zA-Z0-9!\#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
# functions/send_email/settings.py reads the same form; tests/senders.py holds both to one table.
_SENDER = re.compile(
    rf"""
    (?: (?! [^<]*=\? )
        (?: "(?:[^"\\{_UNPRINTABLE}]|\\[^{_UNPRINTABLE}])*" | [^"<>()\[\]\\,;:@{_UNPRINTABLE}]* )
        [ ]* (?P<angle><)
    )?
    (?= [^@]{{1,64}}@ ) {_ATOM}(?:\.{_ATOM})*
    @ (?: localhost | (?:{_LABEL}\.)+(?=[a-zA-Z]){_LABEL} )
    (?(angle)>)
    """,
    re.VERBOSE,
)


def is_sender(text: str) -> bool:
    """Whether MAIL_FROM is one ASCII address, alone or behind a name."""
    return bool(_SENDER.fullmatch(text.strip()))
