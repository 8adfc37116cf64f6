"""What send_email reads from its environment."""

from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from shared.settings import THIS_MACHINE, Secret, SettingsError


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Sender(Address):
    """Who the mail is from: `Usher <welcome@usher.example>`."""

    @classmethod
    def parse(cls, text: str) -> "Sender":
        name, address = parseaddr(text)
        user, _, domain = address.rpartition("@")
        if not (user and domain and address.isascii()):
            raise ValueError("Expected an ASCII address like `Usher <welcome@usher.example>`")
        return cls(name, user, domain)


class Settings(Struct, frozen=True, kw_only=True):
    """Times are in seconds. The order deadline < lease < request time-out (50 s) keeps copies apart."""

    google_cloud_project: str
    smtp_host: str
    smtp_port: Annotated[int, Meta(ge=1, le=65535)] = 587
    smtp_security: SmtpSecurity = SmtpSecurity.STARTTLS
    smtp_user: str = ""
    smtp_password: Secret = Secret()
    smtp_deadline_seconds: Annotated[float, Meta(gt=0, le=30)] = 30
    mail_from: Sender
    product_name: str = "Usher"
    lease_seconds: Annotated[float, Meta(gt=0, le=45)] = 45

    def __post_init__(self) -> None:
        faults = []
        if self.smtp_deadline_seconds >= self.lease_seconds:
            faults.append("SMTP_DEADLINE_SECONDS must be below LEASE_SECONDS: otherwise a second mail may start")
        if not (self.smtp_user + self.smtp_password).isascii():
            faults.append("SMTP_USER and SMTP_PASSWORD must be ASCII: SMTP's log-in takes nothing else")
        if self.smtp_user and self.smtp_security is SmtpSecurity.NONE and self.smtp_host not in THIS_MACHINE:
            faults.append("SMTP_SECURITY must not be none with an SMTP_USER: the password would travel in the clear")
        if faults:
            raise SettingsError("\n".join(faults))
