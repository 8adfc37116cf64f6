"""An SMTP connection that ends at its deadline, whatever it is waiting for."""

import io
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

from shared.runtime.deadline_connection import DeadlineConnection, Incoming

_READY_FOR_TLS = 220
_UNKNOWN_COMMAND_OR_PARAMETER = (501, 504)
_QUIT_SECONDS = 0.1  # a few bytes, which wait only if the server takes none


class DeadlineSMTP(smtplib.SMTP):
    """
    smtplib's client with one deadline for the whole conversation, on the monotonic clock.

    A reply that is cut off or is not SMTP ends the connection: smtplib takes a cut-off line for a whole one.
    """

    def __init__(self, host: str, port: int, *, deadline: float, tls: ssl.SSLContext | None, name: str) -> None:
        self.opened_at = monotonic()
        self._deadline = deadline
        self._tls = tls
        try:
            super().__init__(host, port, local_hostname=name)
        except BaseException:
            self.close()
            raise

    def _get_socket(self, host: str, port: int, _timeout: float) -> DeadlineConnection:
        self._connection = DeadlineConnection(host, port, deadline=self._deadline, tls=self._tls)
        return self._connection

    def set_deadline(self, deadline: float) -> None:
        self._connection.deadline = deadline

    def start_tls(self, tls: ssl.SSLContext) -> None:
        """What smtplib's own does, over this connection. What was said in clear text is forgotten, as by RFC 3207."""
        self.ehlo_or_helo_if_needed()
        if not self.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError
        code, text = self.docmd("STARTTLS")
        if code != _READY_FOR_TLS:
            raise smtplib.SMTPResponseException(code, text)
        self._connection.start_tls(tls)
        self.file = self.helo_resp = self.ehlo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock:
            self.file = _WholeLines(Incoming(self._connection))
        code, text = super().getreply()
        if code < 0:
            self.close()
            raise smtplib.SMTPServerDisconnected("The reply is not SMTP")
        return code, text

    def knows_a_login(self) -> bool:
        """Whether the server offers a way to log in that smtplib speaks; some servers name them in lower case."""
        self.ehlo_or_helo_if_needed()
        offered = self.esmtp_features["auth"] = self.esmtp_features.get("auth", "").upper()
        return not {"CRAM-MD5", "PLAIN", "LOGIN"}.isdisjoint(offered.split())

    def auth(
        self, mechanism: str, authobject: Callable[..., Any], *, initial_response_ok: bool = True
    ) -> tuple[int, bytes]:
        """
        Log in as most clients do: PLAIN brings its response along, LOGIN waits for the server to ask.

        There are servers that take either one in this way only; those that take PLAIN without it say so by their reply.
        """
        try:
            return super().auth(mechanism, authobject, initial_response_ok=initial_response_ok and mechanism == "PLAIN")
        except smtplib.SMTPAuthenticationError as error:
            if mechanism != "PLAIN" or error.smtp_code not in _UNKNOWN_COMMAND_OR_PARAMETER:
                raise
            return super().auth(mechanism, authobject, initial_response_ok=False)

    def leave(self) -> None:
        """Send QUIT without waiting for the reply: the mail is already accepted, so nothing after it may fail."""
        self.set_deadline(monotonic() + _QUIT_SECONDS)  # that of its mail may have passed
        with suppress(OSError):
            self.putcmd("quit")
        self.close()


class _WholeLines(io.BufferedReader):
    """Reads lines; one without its end counts as the end of the connection."""

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        return line if line.endswith(b"\n") else b""
