"""An SMTP connection that ends at its deadline, whatever it is waiting for."""

import smtplib
import socket
import ssl
from contextlib import suppress
from threading import Timer
from time import monotonic
from types import TracebackType


class DeadlineSMTP(smtplib.SMTP):
    """
    smtplib's client with one deadline for the whole conversation, on the monotonic clock.

    smtplib's own time-out counts from each read anew: a server that dribbles a byte a second holds it for ever.
    Resolving the server's name is the one step that has only the resolver's own time-out.
    """

    def __init__(self, host: str, port: int, *, deadline: float, tls: ssl.SSLContext | None, name: str) -> None:
        self._deadline = deadline
        self._tls = tls
        self._alarm: Timer | None = None
        self._watched: socket.socket | None = None
        try:
            super().__init__(host, port, local_hostname=name, timeout=self._remaining_seconds())
        except BaseException:
            self.close()
            raise

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        # A duplicate, because wrapping a socket in TLS takes the original away.
        self._watched = connection.dup()
        # Counted anew, because connecting has taken its share.
        self._alarm = Timer(self._remaining_seconds(), self._shut_down)
        self._alarm.daemon = True
        self._alarm.start()
        return self._tls.wrap_socket(connection, server_hostname=host) if self._tls else connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say good-bye without waiting for an answer: once a mail is accepted nothing may fail any more."""
        with suppress(OSError):
            self.putcmd("quit")
        self.close()

    def close(self) -> None:
        super().close()
        if self._alarm:
            self._alarm.cancel()
        if self._watched:
            self._watched.close()

    def _remaining_seconds(self) -> float:
        return max(self._deadline - monotonic(), 0.001)

    def _shut_down(self) -> None:
        if self._watched:
            with suppress(OSError):
                self._watched.shutdown(socket.SHUT_RDWR)
