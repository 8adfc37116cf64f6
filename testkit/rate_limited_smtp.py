"""A mail provider that limits the rate, as real ones do: above it, 421 and the line is cut."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from time import monotonic
from typing import NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from emulator.inbox.mail_faults import Receiver
from testkit.free_ports import free_port


class Accepted(NamedTuple):
    """A mail, and when it came, on the monotonic clock."""

    message_id: str
    at: float


class TokenBucket:
    """Holds `burst` tokens and gains `rate` a second, by the clock `now`."""

    def __init__(self, rate: float, burst: int, now: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        self._tokens = float(burst)
        self._counted_at = now()

    def takes_one(self) -> bool:
        now = self._now()
        self._tokens = min(self._burst, self._tokens + (now - self._counted_at) * self._rate)
        self._counted_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class RateLimitedSmtp(Receiver):
    """
    Accepts `rate` mails a second and, after a pause, `burst` at once. Each takes `mail_seconds`.

    It decides at MAIL; `refusals` counts what it turned away there.
    """

    def __init__(self, rate: float, *, burst: int, mail_seconds: float) -> None:
        super().__init__(self._keep)
        self.port = free_port()
        self.accepted: list[Accepted] = []
        self.refusals = 0
        self._bucket = TokenBucket(rate, burst, monotonic)
        self._mail_seconds = mail_seconds

    @contextmanager
    def serving(self) -> Iterator[None]:
        controller = Controller(
            self, hostname="127.0.0.1", port=self.port, server_hostname="localhost", enable_SMTPUTF8=True
        )
        controller.start()
        try:
            yield
        finally:
            controller.stop()

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._bucket.takes_one():
            return await super().handle_MAIL(server, session, envelope, address, options)
        self.refusals += 1
        assert server.transport
        asyncio.get_running_loop().call_soon(server.transport.close)  # after the reply
        return "421 4.7.0 Too many messages, slow down"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's
        await asyncio.sleep(self._mail_seconds)
        return await super().handle_DATA(server, session, envelope)

    def _keep(self, envelope: Envelope) -> None:
        message_id = str(message_from_bytes(envelope.original_content or b"")["Message-ID"])
        self.accepted.append(Accepted(message_id, monotonic()))
