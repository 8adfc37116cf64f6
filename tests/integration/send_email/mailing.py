"""Sends one mail with SmtpMailer to a scripted server."""

import time
from email.headerregistry import Address
from email.message import EmailMessage

from send_email.settings import SmtpSecurity
from send_email.smtp_mailer import SmtpMailer
from testkit.smtp_server import Script, serving

DEADLINE_SECONDS = 0.3


def mail_to(user: str = "ewan") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = Address("Usher", "welcome", "usher.example")
    mail["To"] = Address("", user, "example.com")
    mail["Subject"] = "Welcome"
    mail.set_content("Hello\n.\n..dots\n")
    return mail


def send(
    script: Script,
    mail: EmailMessage | None = None,
    *,
    security: SmtpSecurity = SmtpSecurity.NONE,
    user: str = "",
    host: str = "127.0.0.1",
    seconds: float = 10,
) -> None:
    with serving(script):
        mailer = SmtpMailer(
            host=host, port=script.port, security=security, user=user, password="canary" if user else ""
        )
        mailer.send(mail or mail_to(), time.monotonic() + seconds)
