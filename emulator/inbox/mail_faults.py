"""A mail server's side of SMTP, and the faults it can be given: by the chaos tests, and by hand in the browser."""

import asyncio
from collections.abc import Callable
from enum import Enum, auto

from aiosmtpd.smtp import SMTP, Envelope, Session

SLOW_SECONDS = 5


class MailFault(Enum):
    """What the server does wrong, in SMTP's own words, by hanging up after the content, or by taking its time."""

    MAIL_421 = auto()
    MAIL_554 = auto()
    RCPT_451 = auto()
    RCPT_550 = auto()
    DATA_452 = auto()
    DROPPED_AND_NOT_TAKEN = auto()
    DROPPED_AND_TAKEN = auto()
    SLOW = auto()


class Receiver:
    """What aiosmtpd calls back. Each mail accepted goes to `take`, unless the `fault` of the moment prevents it."""

    fault: MailFault | None = None

    def __init__(self, take: Callable[[Envelope], None]) -> None:
        self._take = take

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.fault is MailFault.MAIL_421:
            return "421 Try again later"
        if self.fault is MailFault.MAIL_554:
            return "554 Not from you today"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.fault is MailFault.RCPT_451:
            return "451 Greylisted"
        if self.fault is MailFault.RCPT_550:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's
        if self.fault is MailFault.SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        if self.fault is MailFault.DATA_452:
            return "452 Out of storage"
        if self.fault is not MailFault.DROPPED_AND_NOT_TAKEN:
            self._take(envelope)
        if self.fault in (MailFault.DROPPED_AND_NOT_TAKEN, MailFault.DROPPED_AND_TAKEN) and server.transport:
            server.transport.abort()  # type: ignore[attr-defined]  # a socket's, whatever aiosmtpd says
        return "250 OK"
