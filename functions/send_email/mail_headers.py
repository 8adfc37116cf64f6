"""Writes a mail's headers so that every mail program reads what was meant. Needs the standard library only."""

from email.header import Header
from email.headerregistry import Address
from email.policy import EmailPolicy
from typing import Any

_LINE_LENGTH = 78  # RFC 5322: what a line should not exceed
_ENCODED_LINE_LENGTH = 76  # RFC 2047, for a line with encoded words
_PLAIN_LENGTH = 60  # leaves room for the header's name


class ReadableHeaders(EmailPolicy):
    """
    Encodes the Subject and the names of mailboxes by RFC 2047, and leaves addresses as they are.

    The standard library's own policies lose a blank between two encoded words (Python 3.11 and 3.12) or join the words
    without white space (3.13), which some providers refuse.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401  the base class's own type
        """Keep a Subject as it is given: parsed, it would lose what looks like an encoded word."""
        return (name, value) if name.lower() == "subject" else super().header_store_parse(name, value)

    def fold(self, name: str, value: Any) -> str:  # noqa: ANN401  the base class's own type
        if addresses := getattr(value, "addresses", None):
            mailboxes = f",{self.linesep} ".join(self._mailbox(name, address) for address in addresses)
            return f"{name}: {mailboxes}{self.linesep}"
        if name.lower() == "subject":
            return f"{name}: {self._text(name, str(value))}{self.linesep}"
        folded: str = super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401  the base class's own type
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii")

    def _mailbox(self, header: str, address: Address) -> str:
        one_line, route = str(address), f"<{address.addr_spec}>"
        if not address.display_name or (_is_plain(address.display_name) and len(header + one_line) < _LINE_LENGTH - 1):
            return one_line
        quoted = one_line.removesuffix(f" {route}")
        name = quoted if _is_plain(address.display_name) else self._text(header, address.display_name)
        return f"{name}{self.linesep} {route}"

    def _text(self, header: str, text: str) -> str:
        if _is_plain(text):
            return text
        encoded = Header(text, "utf-8", maxlinelen=_ENCODED_LINE_LENGTH, header_name=header)
        return encoded.encode(linesep=self.linesep)


def _is_plain(text: str) -> bool:
    """Whether the text needs no encoding: what looks like an encoded word would be decoded."""
    return text.isascii() and text.isprintable() and "=?" not in text and len(text) <= _PLAIN_LENGTH
