"""Hands a mail to an SMTP server within one deadline, and tells what may work later from what is refused for good."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cached_property
from time import monotonic

from shared.deliveries.delivery import NotDeliveredError, UndeliverableError

from .settings import SmtpSecurity
from .smtp_connection import DeadlineSMTP

_DONE = range(200, 300)
_LATER = range(400, 500)
_REFUSED = range(500, 600)


@dataclass(frozen=True, kw_only=True)
class SmtpMailer:
    """
    One SMTP server.

    With `starttls` a server that does not offer it is an error, so that nobody can strip it; certificates are verified.
    """

    host: str
    port: int
    security: SmtpSecurity
    user: str = ""
    password: str = field(default="", repr=False)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Kept, because reading whom the system trusts takes more processor time than all else of a mail."""
        return ssl.create_default_context()

    def send(self, mail: EmailMessage, deadline: float) -> None:
        """
        Have the server accept the mail before `deadline` on the monotonic clock.

        Raises:
            UndeliverableError: The server refused this recipient or this message for good.
            NotDeliveredError: Anything else, bad credentials and a refused sender of ours included.
        """
        sender, recipient = (mail[header].addresses[0] for header in ("From", "To"))
        implicit_tls = self._tls if self.security is SmtpSecurity.TLS else None
        try:
            with DeadlineSMTP(self.host, self.port, deadline=deadline, tls=implicit_tls, name=sender.domain) as smtp:
                if self.security is SmtpSecurity.STARTTLS:
                    smtp.starttls(context=self._tls)
                if self.user:
                    smtp.login(self.user, self.password)
                needs_utf8 = not recipient.addr_spec.isascii()
                _open_envelope(smtp, sender, recipient, needs_utf8=needs_utf8)
                _hand_over(smtp, mail.as_bytes(policy=SMTP.clone(utf8=needs_utf8)), deadline)
        except smtplib.SMTPResponseException as error:
            raise NotDeliveredError(f"smtp_{error.smtp_code}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotDeliveredError("smtp_extension_missing") from error
        except OSError as error:
            raise NotDeliveredError("smtp_connection_failed") from error


def _open_envelope(smtp: DeadlineSMTP, sender: Address, recipient: Address, *, needs_utf8: bool) -> None:
    """MAIL and RCPT."""
    smtp.ehlo_or_helo_if_needed()
    if needs_utf8 and not smtp.has_extn("smtputf8"):
        raise UndeliverableError("smtputf8_unsupported")
    code, _ = smtp.mail(sender.addr_spec, ["SMTPUTF8"] if needs_utf8 else [])
    if code not in _DONE:  # a refused sender is our own fault: the mail waits for the repair
        raise NotDeliveredError(f"mail_{code}")
    _check_recipient_or_message("rcpt", smtp.rcpt(recipient.addr_spec)[0])


def _hand_over(smtp: DeadlineSMTP, content: bytes, deadline: float) -> None:
    """DATA. From here on the server may have accepted the mail without our learning it."""
    if monotonic() >= deadline:
        raise NotDeliveredError("deadline_passed")
    try:
        code, _ = smtp.data(content)
    except smtplib.SMTPDataError as error:  # before any content: not even a 250 means that it was accepted
        kind = UndeliverableError if error.smtp_code in _REFUSED else NotDeliveredError
        raise kind(f"data_{error.smtp_code}") from error
    except OSError as error:
        raise NotDeliveredError("reply_to_data_lost", outcome_unknown=True) from error
    _check_recipient_or_message("data", code)


def _check_recipient_or_message(command: str, code: int) -> None:
    if code in _REFUSED:
        raise UndeliverableError(f"{command}_{code}")
    if code not in _DONE:
        raise NotDeliveredError(f"{command}_{code}", outcome_unknown=command == "data" and code not in _LATER)
