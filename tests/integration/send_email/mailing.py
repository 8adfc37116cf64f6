"""Sends mails with SmtpMailer to a scripted server."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address

from send_email.mail import Mail
from send_email.settings import SmtpSecurity
from send_email.smtp_mailer import SmtpMailer
from testkit.smtp_server import Script, serving

DEADLINE_SECONDS = 0.3


def mail_to(user: str = "ewan", *, body: str = "Hello\r\n.\r\n..dots\r\n") -> Mail:
    sender, recipient = Address("Usher", "welcome", "usher.example"), Address("", user, "example.com")
    return Mail(sender=sender, recipient=recipient, content=f"To: {recipient}\r\n\r\n{body}".encode())


def send(
    script: Script,
    mail: Mail | None = None,
    *,
    security: SmtpSecurity = SmtpSecurity.NONE,
    user: str = "",
    host: str = "127.0.0.1",
    seconds: float = 10,
) -> None:
    with mailing(script, security=security, user=user, host=host) as mailer:
        mailer.send(mail or mail_to(), time.monotonic() + seconds)


@contextmanager
def mailing(
    script: Script, *, security: SmtpSecurity = SmtpSecurity.NONE, user: str = "", host: str = "127.0.0.1"
) -> Iterator[SmtpMailer]:
    """A mailer to a server that follows the script."""
    password = "canary" if user else ""
    with (
        serving(script),
        left(SmtpMailer(host=host, port=script.port, security=security, user=user, password=password)) as mailer,
    ):
        yield mailer


@contextmanager
def left(mailer: SmtpMailer) -> Iterator[SmtpMailer]:
    """Close the connections that it keeps, as the end of an instance does."""
    yield mailer
    for smtp in iter(mailer._kept.take, None):  # noqa: SLF001  nobody else ever asks
        smtp.leave()
