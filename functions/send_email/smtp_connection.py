"""An SMTP connection that ends at its deadline, whatever it is waiting for."""

import smtplib
import socket
import ssl
from contextlib import suppress
from types import TracebackType

from shared.deadline_connection import DeadlineConnection


class DeadlineSMTP(smtplib.SMTP):
    """smtplib's client with one deadline for the whole conversation, on the monotonic clock."""

    def __init__(self, host: str, port: int, *, deadline: float, tls: ssl.SSLContext | None, name: str) -> None:
        self._deadline = deadline
        self._tls = tls
        self._connection: DeadlineConnection | None = None
        try:
            super().__init__(host, port, local_hostname=name)
        except BaseException:
            self.close()
            raise

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        self._connection = DeadlineConnection(host, port, deadline=self._deadline, tls=self._tls)
        return self._connection.socket

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say good-bye without waiting for an answer: once a mail is accepted nothing may fail any more."""
        with suppress(OSError):
            self.putcmd("quit")
        self.close()

    def close(self) -> None:
        super().close()
        if self._connection:
            self._connection.stop_watching()
