"""Writes a mail's headers so that every mail program reads what was meant. Needs the standard library only."""

from email.header import Header
from email.headerregistry import Address

_LINE_LENGTH = 78  # RFC 5322: what a line should not exceed
_ENCODED_LINE_LENGTH = 76  # RFC 2047, for a line with encoded words
_PLAIN_LENGTH = 60  # leaves room for the header's name
_FOLD = "\r\n "


def text_header(name: str, text: str) -> str:
    """
    A header whose whole text is for people, encoded by RFC 2047 where it needs to be.

    The standard library's own policies lose a blank between two encoded words (Python 3.11 and 3.12) or join the words
    without white space (3.13), which some providers refuse.
    """
    return f"{name}: {_encoded(name, text)}"


def mailbox_header(name: str, mailbox: Address) -> str:
    """A header that names one mailbox: its name is encoded where it needs to be, its address is left as it is."""
    route = f"<{mailbox.addr_spec}>"
    one_line = f"{name}: {mailbox}"
    if not mailbox.display_name or (_is_plain(mailbox.display_name) and len(one_line) <= _LINE_LENGTH):
        return one_line
    if _is_plain(mailbox.display_name):
        return one_line.removesuffix(f" {route}") + _FOLD + route
    return text_header(name, mailbox.display_name) + _FOLD + route


def _encoded(header: str, text: str) -> str:
    if _is_plain(text):
        return text
    return Header(text, "utf-8", maxlinelen=_ENCODED_LINE_LENGTH, header_name=header).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    """Whether the text needs no encoding: what looks like an encoded word would be decoded."""
    return text.isascii() and text.isprintable() and "=?" not in text and len(text) <= _PLAIN_LENGTH
