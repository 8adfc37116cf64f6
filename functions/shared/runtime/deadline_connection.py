"""A connection that ends at its deadline, whatever it is waiting for."""

import socket
import ssl
from contextlib import ExitStack, suppress
from threading import Timer
from time import monotonic


class DeadlineConnection:
    """
    A TCP connection, encrypted where `tls` is given, that is shut down at `deadline` on the monotonic clock.

    A socket's own timeout starts again with each read: a server that sends one byte per second holds it forever.
    Only the resolver's own timeout bounds the look-up of the server's name; the rest has that much less time.

    Raises:
        OSError: There is no connection, or it is not trusted.
    """

    def __init__(self, host: str, port: int, *, deadline: float, tls: ssl.SSLContext | None) -> None:
        connection = _connected(host, port, deadline)
        # A duplicate, because wrapping a socket in TLS takes the original away.
        self._watched = connection.dup()
        # Counted again, because connecting has taken its share.
        self._alarm = Timer(_remaining_seconds(deadline), self._shut_down)
        self._alarm.daemon = True
        self._alarm.start()
        try:
            self.socket = tls.wrap_socket(connection, server_hostname=host) if tls else connection
        except BaseException:
            self.stop_watching()
            raise

    def stop_watching(self) -> None:
        """Let go of the connection; the user of `socket` closes it."""
        self._alarm.cancel()
        self._watched.close()

    def _shut_down(self) -> None:
        with suppress(OSError):
            self._watched.shutdown(socket.SHUT_RDWR)


def _connected(host: str, port: int, deadline: float) -> socket.socket:
    """Try the name's addresses in order; each gets a share of the remaining time, so that a silent one leaves some."""
    failure = OSError("the name has no address")
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for tried, (family, kind, protocol, _, address) in enumerate(found):
        with ExitStack() as undo:
            try:
                connection = undo.enter_context(socket.socket(family, kind, protocol))
                connection.settimeout(_remaining_seconds(deadline) / (len(found) - tried))
                connection.connect(address)
            except OSError as error:
                failure = error
                continue
            connection.settimeout(_remaining_seconds(deadline))
            undo.pop_all()
            return connection
    raise failure


def _remaining_seconds(deadline: float) -> float:
    return max(deadline - monotonic(), 0.001)
