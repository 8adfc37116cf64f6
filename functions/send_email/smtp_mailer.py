"""Hands a mail to an SMTP server within one deadline, and tells transient failures from permanent ones."""

import smtplib
import ssl
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic

from shared.deliveries.delivery import NotDeliveredError, UndeliverableError

from .kept_connections import KeptConnections
from .mail import Mail
from .settings import SmtpSecurity
from .smtp_connection import DeadlineSMTP
from .smtp_refusals import Reply

_DONE = range(200, 300)
_GO_AHEAD = 354
_REFUSED = range(400, 600)
_CHECK_SECONDS = 2  # what a connection that died unnoticed may cost


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
    _kept: KeptConnections = field(default_factory=KeptConnections, init=False, repr=False, compare=False)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Kept, because reading whom the system trusts takes more CPU time than all else of a mail."""
        return ssl.create_default_context()

    def send(self, mail: Mail, deadline: float) -> None:
        """
        Have the server accept the mail before `deadline` on the monotonic clock.

        Raises:
            UndeliverableError: The server permanently refused this recipient or this message.
            NotDeliveredError: Anything else, bad credentials and a refused sender of ours included.
        """
        try:
            if not self._delivered_over_a_kept_connection(mail, deadline):
                self._deliver(self._opened(mail.sender.domain, deadline), mail, deadline)
        except smtplib.SMTPResponseException as error:
            raise NotDeliveredError(Reply(error.smtp_code, _bytes(error.smtp_error)).named("smtp")) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotDeliveredError("smtp_extension_missing") from error
        except OSError as error:
            raise NotDeliveredError("smtp_connection_failed") from error

    def _delivered_over_a_kept_connection(self, mail: Mail, deadline: float) -> bool:
        """What such a connection refuses may be for what went before, and it may be dead: so a new one is asked."""
        smtp = self._kept.take()
        if not smtp:
            return False
        smtp.set_deadline(min(deadline, monotonic() + _CHECK_SECONDS))  # until it has replied to MAIL
        try:
            self._deliver(smtp, mail, deadline)
        except NotDeliveredError as error:
            if error.outcome_unknown:
                raise
            return False
        except (UndeliverableError, OSError):
            return False
        return True

    def _deliver(self, smtp: DeadlineSMTP, mail: Mail, deadline: float) -> None:
        try:
            _open_envelope(smtp, mail, deadline)
            _hand_over(smtp, mail.content, deadline)
        except BaseException:
            smtp.leave()
            raise
        self._kept.keep(smtp)

    def _opened(self, name: str, deadline: float) -> DeadlineSMTP:
        implicit_tls = self._tls if self.security is SmtpSecurity.TLS else None
        smtp = DeadlineSMTP(self.host, self.port, deadline=deadline, tls=implicit_tls, name=name)
        try:
            if self.security is SmtpSecurity.STARTTLS:
                smtp.start_tls(self._tls)
            if self.user:
                self._log_in(smtp)
        except BaseException:
            smtp.leave()
            raise
        return smtp

    def _log_in(self, smtp: DeadlineSMTP) -> None:
        if not smtp.knows_a_login():
            raise NotDeliveredError("smtp_auth_unsupported")
        try:
            smtp.login(self.user, self.password)
        except ValueError as error:  # the server's challenge is not base64
            raise NotDeliveredError("smtp_334") from error


def _open_envelope(smtp: DeadlineSMTP, mail: Mail, deadline: float) -> None:
    """MAIL and RCPT."""
    smtp.ehlo_or_helo_if_needed()
    if mail.needs_utf8 and not smtp.has_extn("smtputf8"):
        raise UndeliverableError("smtputf8_unsupported")
    reply = Reply(*smtp.mail(mail.sender.addr_spec, ["SMTPUTF8"] if mail.needs_utf8 else []))
    if reply.code not in _DONE:  # a refused sender is our own fault: the mail waits until it is fixed
        raise NotDeliveredError(reply.named("mail"))
    smtp.set_deadline(deadline)
    reply = Reply(*smtp.rcpt(mail.recipient.addr_spec))
    if reply.code not in _DONE:
        raise _refusal("rcpt", reply)


def _hand_over(smtp: DeadlineSMTP, content: bytes, deadline: float) -> None:
    """DATA. Once the content is under way, the server may accept the mail without our learning it."""
    if monotonic() >= deadline:
        raise NotDeliveredError("deadline_passed")
    reply = Reply(*smtp.docmd("data"))
    if reply.code != _GO_AHEAD:  # not even a 250 means that the mail was accepted
        raise _refusal("data", reply)
    try:
        smtp.send(content.replace(b"\r\n.", b"\r\n..").removesuffix(b"\r\n") + b"\r\n.\r\n")
        reply = Reply(*smtp.getreply())
    except OSError as error:
        raise NotDeliveredError("reply_to_data_lost", outcome_unknown=True) from error
    if reply.code not in _DONE:
        raise _refusal("data", reply, outcome_unknown=reply.code not in _REFUSED)


def _refusal(command: str, reply: Reply, *, outcome_unknown: bool = False) -> UndeliverableError | NotDeliveredError:
    code = reply.named(command)
    if reply.refuses_recipient_or_message():
        return UndeliverableError(code)
    return NotDeliveredError(code, outcome_unknown=outcome_unknown)


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
