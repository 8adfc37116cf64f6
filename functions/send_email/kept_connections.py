"""Connections that delivered a mail, kept for the next one. Why: docs/decisions/0025-kept-smtp-connections.md."""

from contextlib import suppress
from queue import Empty, LifoQueue
from time import monotonic

from .smtp_connection import DeadlineSMTP

_SECONDS = 60  # of a connection's whole life: then name, certificate and login are looked at again


class KeptConnections:
    """
    All of them lead to one server, with one security and one login.

    One that is idle is taken before another is opened: there are never more than mails were sent at once.
    """

    def __init__(self) -> None:
        self._idle: LifoQueue[DeadlineSMTP] = LifoQueue()

    def take(self) -> DeadlineSMTP | None:
        """A connection that is the caller's alone. Whether it still works, only the server can tell."""
        with suppress(Empty):
            smtp = self._idle.get_nowait()
            if monotonic() < smtp.opened_at + _SECONDS:
                return smtp
            smtp.leave()
        return None

    def keep(self, smtp: DeadlineSMTP) -> None:
        """Keep one whose last mail was accepted: no reply to it is outstanding."""
        self._idle.put_nowait(smtp)
