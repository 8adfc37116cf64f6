"""A connection that ends at its deadline, whatever it is waiting for."""

import io
import socket
import ssl
from contextlib import ExitStack
from time import monotonic
from typing import Any


class DeadlineConnection:
    """
    A TCP connection, encrypted where `tls` is given, of which no call lasts beyond `deadline` on the monotonic clock.
    It takes a socket's place in the standard library's clients.

    A socket's timeout bounds a call, not a conversation: a server that sends one byte per second holds it forever. Here
    each call gets what is left until the deadline. Only the resolver's own timeout bounds the look-up of the server's
    name; the rest has that much less time. A trusted peer that sends nothing but messages of TLS itself, megabytes of
    them, keeps a call longer: OpenSSL reads them all before it returns.

    Raises:
        OSError: There is no connection, or it is not trusted.
    """

    def __init__(self, host: str, port: int, *, deadline: float, tls: ssl.SSLContext | None) -> None:
        self.deadline = deadline
        self._host = host
        self._socket = _connected(host, port, deadline)
        if tls:
            self.start_tls(tls)

    def start_tls(self, tls: ssl.SSLContext) -> None:
        """Encrypt from here on; the connection is closed if the server is not who it should be."""
        try:
            self._socket = tls.wrap_socket(self.in_time(), server_hostname=self._host)
        except BaseException:
            self.close()
            raise

    def in_time(self) -> socket.socket:
        """The socket, for one call, which ends at the deadline."""
        self._socket.settimeout(_remaining_seconds(self.deadline))
        return self._socket

    def sendall(self, content: bytes) -> None:
        self.in_time().sendall(content)

    def makefile(self, _mode: str = "rb") -> io.BufferedReader:
        return io.BufferedReader(Incoming(self))

    def close(self) -> None:
        self._socket.close()


class Incoming(io.RawIOBase):
    """What a connection receives, without a buffer. Whoever reads may go on after the connection was closed here."""

    def __init__(self, connection: DeadlineConnection) -> None:
        self._connection = connection
        self._stream = connection.in_time().makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401  a writable buffer has no type before Python 3.12
        self._connection.in_time()
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


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
            undo.pop_all()
            return connection
    raise failure


def _remaining_seconds(deadline: float) -> float:
    """Raise TimeoutError if none are left: with ever so short a timeout, a peer that floods us would never run out."""
    remaining = deadline - monotonic()
    if remaining <= 0:
        raise TimeoutError("timed out")
    return remaining
