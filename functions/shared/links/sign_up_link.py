"""The link that proves a mailbox: whoever can open it has read a mail to its address. Derived, never stored."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from shared.runtime.versioned_secrets import VersionedSecrets

LIFETIME = timedelta(hours=24)  # from the time of the event that asks for the mail

_Claims = tuple[Literal["sign-up"], str, int, str]  # the purpose first: no later kind of link is taken for this one


class LinkError(Exception):
    """The link proves nothing."""


class LinkInvalidError(LinkError):
    """No key of ours has made the token."""


class LinkExpiredError(LinkError):
    """The link's time is over, or its key is gone. A new one can be requested."""


@dataclass(frozen=True, kw_only=True)
class SignUpLink:
    """A proof that somebody read a mail to `address`."""

    address: str
    expires_at: datetime

    @classmethod
    def requested_at(cls, time: datetime, address: str) -> "SignUpLink":
        """The link of a request: each duplicate of its event gives the same."""
        return cls(address=address, expires_at=(time + LIFETIME).replace(microsecond=0))

    def token(self, keys: VersionedSecrets, *, version: str = "") -> str:
        """`BASE64URL(["sign-up",VERSION,EXPIRY,ADDRESS]).BASE64URL(HMAC-SHA-256)`, the expiry in seconds since 1970."""
        version = version or keys.current
        claims: _Claims = ("sign-up", version, int(self.expires_at.timestamp()), self.address)
        framed = msgspec.json.encode(claims)
        return f"{_text(framed)}.{_text(hmac.digest(keys[version], framed, 'sha256'))}"

    @classmethod
    def read(cls, token: str, keys: VersionedSecrets) -> "SignUpLink":
        """
        The link that this is the token of. When it ends is not looked at: `check` does, by the store's clock.

        Raises:
            LinkInvalidError: It is not a token of ours.
            LinkExpiredError: Its key is not known, or not any more.
        """
        try:
            framed = urlsafe_b64decode(_padded(token.partition(".")[0]))
            _, version, seconds, address = msgspec.json.decode(framed, type=_Claims)
            link = cls(address=address, expires_at=datetime.fromtimestamp(seconds, UTC))
        except (ValueError, OverflowError, OSError):  # msgspec's own errors are ValueErrors
            raise LinkInvalidError from None
        if version not in keys:
            raise LinkExpiredError
        # The whole text is compared, so that a token has one spelling.
        if not hmac.compare_digest(token.encode(errors="replace"), link.token(keys, version=version).encode()):
            raise LinkInvalidError
        return link

    def check(self, at: datetime) -> None:
        """
        Return if it is good at that time, which is the store's, as the time of its request was.

        Raises:
            LinkExpiredError: It has ended.
            LinkInvalidError: It ends later than a link that was requested by now.
        """
        if at >= self.expires_at:
            raise LinkExpiredError
        if self.expires_at - at > LIFETIME:
            raise LinkInvalidError


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def _padded(text: str) -> bytes:
    return text.encode() + b"=" * (-len(text) % 4)
