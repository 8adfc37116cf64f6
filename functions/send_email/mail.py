"""A mail as it goes to the mail server."""

from dataclasses import dataclass, field
from email.headerregistry import Address


@dataclass(frozen=True, kw_only=True)
class Mail:
    """Envelope and content. `content` is what follows DATA, with CRLF as line end, before dots are doubled."""

    sender: Address
    recipient: Address = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def needs_utf8(self) -> bool:
        """Whether the server must offer SMTPUTF8."""
        return not self.recipient.addr_spec.isascii()
