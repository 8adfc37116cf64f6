"""What send_email reads from its environment."""

import re
from contextlib import suppress
from email.headerregistry import Address
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from shared.runtime.settings import THIS_MACHINE, Secret, SettingsError
from shared.runtime.versioned_secrets import VersionedSecrets

from .brand_color import BrandColor

_UNPRINTABLE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"  # surrogates are bytes that are not UTF-8
_ATOM = r"[a-zA-Z0-9!\#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
# deploy/mail_from.py refuses the same; tests/senders.py holds both to one table.
_SENDER = re.compile(
    rf"""
    (?: (?! [^<]*=\? )  # a name that looks encoded: some mail programs would decode it, others show it
        (?: "(?P<quoted>(?:[^"\\{_UNPRINTABLE}]|\\[^{_UNPRINTABLE}])*)" | (?P<plain>[^"<>()\[\]\\,;:@{_UNPRINTABLE}]*) )
        [ ]* (?P<angle><)
    )?
    (?= [^@]{{1,64}}@ ) (?P<user>{_ATOM}(?:\.{_ATOM})*)
    @ (?P<domain>localhost|(?:{_LABEL}\.)+(?=[a-zA-Z]){_LABEL})
    (?(angle)>)
    """,
    re.VERBOSE,
)


class MailHost(str):
    """A mail server's name, or its IP address."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "MailHost":
        if not (re.fullmatch(r"[\w.-]+", text) or _is_ip_address(text)):
            raise ValueError("must be a host name or an IP address alone; a port belongs in SMTP_PORT")
        return cls(text)


def _is_ip_address(text: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(text))
    return False


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Sender(Address):
    """Who the mail is from: `Usher <welcome@usher.example>`, `"Usher, Inc." <…>` or an address alone."""

    @classmethod
    def parse(cls, text: str) -> "Sender":
        found = _SENDER.fullmatch(text)
        if not found:
            raise ValueError(
                "must be an ASCII address such as `Usher <welcome@usher.example>`; quote a name with punctuation"
            )
        name = re.sub(r"\\(.)", r"\1", found["quoted"] or "") or (found["plain"] or "").strip()
        return cls(name, found["user"], found["domain"])


class ProductName(str):
    """The product's name, which appears in subjects and texts."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "ProductName":
        if re.search(f"[{_UNPRINTABLE}]", text):
            raise ValueError("must be a single line of UTF-8 text without control characters")
        return cls(text)


class PageUrl(str):
    """A page's address, on https unless it is on this machine, without a query or a fragment."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "PageUrl":
        if not (re.fullmatch(r"https?://[!-~]+", text) and not re.search(r"[?#@<>\"\\]", text) and _is_safe(text)):
            raise ValueError("must be an https URL without a query or a fragment, like `https://example.com/sign-up`")
        return cls(text)


def _is_safe(url: str) -> bool:
    with suppress(ValueError):  # its host or its port is none
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and (parts.scheme == "https" or parts.hostname in THIS_MACHINE)
    return False


class Settings(Struct, frozen=True, kw_only=True):
    """Times are in seconds. The order deadline < lease < request timeout (50 s) prevents duplicates."""

    google_cloud_project: str
    """The project that holds Firestore."""
    smtp_host: MailHost
    """The mail server: its name or its IP address, without a port."""
    smtp_port: Annotated[int, Meta(ge=1, le=65535)] = 587
    """The mail server's port."""
    smtp_security: SmtpSecurity = SmtpSecurity.STARTTLS
    """How the connection is protected. `none` with an `SMTP_USER` is for this machine only."""
    smtp_user: str = ""
    """The user to log in as, in ASCII. Without one there is no login."""
    smtp_password: Secret = Secret()
    """The password of `SMTP_USER`, in ASCII."""
    smtp_deadline_seconds: Annotated[float, Meta(gt=0, le=30)] = 30
    """The deadline of a whole SMTP conversation. Must be below `LEASE_SECONDS`, or a second mail may start."""
    mail_from: Sender
    """The sender, in ASCII: `Usher <me@usher.example>` or an address alone. A name with punctuation needs quotes."""
    product_name: ProductName = ProductName("Usher")
    """The name that mails use, in subjects and texts. One line."""
    brand_color: BrandColor = BrandColor("#2b5fd9")
    """The colour behind the product's name in mails, as `#rrggbb`. The name on it is black or white."""
    link_keys: VersionedSecrets | None = None
    """
    With `VERIFY_EMAIL`: one `VERSION:SECRET` per line, each secret of at least 32 bytes. Links are made under the last.

    How to rotate: docs/operate.md.
    """
    sign_up_url: PageUrl = PageUrl()
    """With `LINK_KEYS`: the page that links open, `https://example.com/sign-up`. The token follows it after `#`."""
    lease_seconds: Annotated[float, Meta(gt=0, le=45)] = 45
    """How long a delivery stays claimed. Must end before the request times out (50 s)."""

    def __post_init__(self) -> None:
        faults = []
        if self.link_keys and not self.sign_up_url:
            faults.append("SIGN_UP_URL: must be set with LINK_KEYS")
        if self.smtp_deadline_seconds >= self.lease_seconds:
            faults.append(
                f"SMTP_DEADLINE_SECONDS: must be below LEASE_SECONDS={self.lease_seconds:g} "
                f"(got {self.smtp_deadline_seconds:g}), or a second attempt may start meanwhile"
            )
        for name, text in (("SMTP_USER", self.smtp_user), ("SMTP_PASSWORD", self.smtp_password)):
            if not text.isascii():
                faults.append(f"{name}: must be ASCII, since SMTP authentication accepts nothing else")
        if self.smtp_user and self.smtp_security is SmtpSecurity.NONE and self.smtp_host not in THIS_MACHINE:
            faults.append(
                "SMTP_SECURITY: must be starttls or tls with an SMTP_USER: the password would be sent in clear text"
            )
        if faults:
            raise SettingsError(*faults)
