"""A connection that ends at its deadline, whatever is being waited for."""

import socket
import ssl
from contextlib import suppress
from threading import Timer
from time import monotonic


class DeadlineConnection:
    """
    A TCP connection, encrypted where `tls` is given, that is shut down at `deadline` on the monotonic clock.

    A socket's own time-out counts from each read anew: a server that dribbles a byte a second holds it for ever.
    Resolving the server's name is the one step that has only the resolver's own time-out.

    Raises:
        OSError: There is no connection, or it is not trusted.
    """

    def __init__(self, host: str, port: int, *, deadline: float, tls: ssl.SSLContext | None) -> None:
        connection = socket.create_connection((host, port), _remaining_seconds(deadline))
        # A duplicate, because wrapping a socket in TLS takes the original away.
        self._watched = connection.dup()
        # Counted anew, because connecting has taken its share.
        self._alarm = Timer(_remaining_seconds(deadline), self._shut_down)
        self._alarm.daemon = True
        self._alarm.start()
        try:
            self.socket = tls.wrap_socket(connection, server_hostname=host) if tls else connection
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop watching; `socket` is closed by who uses it."""
        self._alarm.cancel()
        self._watched.close()

    def _shut_down(self) -> None:
        with suppress(OSError):
            self._watched.shutdown(socket.SHUT_RDWR)


def _remaining_seconds(deadline: float) -> float:
    return max(deadline - monotonic(), 0.001)
