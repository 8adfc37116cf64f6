"""Connections that delivered a mail, kept for the next one. Why: docs/decisions/0024-kept-smtp-connections.md."""

from contextlib import suppress
from queue import Empty, Full, LifoQueue
from time import monotonic

from .smtp_connection import DeadlineSMTP

_MOST = 4  # idle ones of an instance: mail servers limit how many a client holds
_SECONDS = 60  # of a connection's whole life: then name, certificate and login are looked at again


class KeptConnections:
    """All of them lead to one server, with one security and one login."""

    def __init__(self) -> None:
        self._idle: LifoQueue[DeadlineSMTP] = LifoQueue(_MOST)

    def take(self) -> DeadlineSMTP | None:
        """A connection that is the caller's alone. Whether it still works, only the server can tell."""
        with suppress(Empty):
            smtp = self._idle.get_nowait()
            if monotonic() < smtp.opened_at + _SECONDS:
                return smtp
            smtp.leave()
        return None

    def keep(self, smtp: DeadlineSMTP) -> None:
        """Only one whose last mail was accepted, so that no reply to it is outstanding."""
        try:
            self._idle.put_nowait(smtp)
        except Full:
            smtp.leave()

    def leave(self) -> None:
        with suppress(Empty):
            while True:
                self._idle.get_nowait().leave()
