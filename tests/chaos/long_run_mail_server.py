"""The mail server of the long run: it remembers what it accepted, and can be told to misbehave."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from enum import Enum, auto

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.waiting import free_port

REFUSED_PREFIX = "refused."
GREYLISTED_PREFIX = "greylisted."


class MailFault(Enum):
    """What the server does wrong, in SMTP's own words or by hanging up after the content."""

    MAIL_421 = auto()
    MAIL_554 = auto()
    RCPT_451 = auto()
    DATA_452 = auto()
    DROPPED_AND_NOT_TAKEN = auto()
    DROPPED_AND_TAKEN = auto()


@dataclass(frozen=True)
class Mail:
    """A mail that the server accepted; what the client learned of it is another matter."""

    address: str
    message_id: str
    received_at: datetime


@dataclass
class MailServer:
    """
    Listens until `stop`. Whatever the fault is, addresses that start with REFUSED_PREFIX are refused for good, and
    those that start with GREYLISTED_PREFIX the first time.
    """

    fault: MailFault | None = None
    mails: list[Mail] = field(default_factory=list)
    refused_at: dict[str, datetime] = field(default_factory=dict)
    greylisted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._controller = Controller(
            self, hostname="127.0.0.1", port=free_port(), server_hostname="localhost", enable_SMTPUTF8=True
        )
        self._controller.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._controller.port}"

    def stop(self) -> None:
        self._controller.stop()

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.fault is MailFault.MAIL_421:
            return "421 Try again later"
        if self.fault is MailFault.MAIL_554:
            return "554 Not from you today"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address.startswith(REFUSED_PREFIX):
            self.refused_at[address] = datetime.now(UTC)
            return "550 No such mailbox"
        is_new = address.startswith(GREYLISTED_PREFIX) and address not in self.greylisted
        if is_new or self.fault is MailFault.RCPT_451:
            self.greylisted.add(address)
            return "451 Greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's
        if self.fault is MailFault.DATA_452:
            return "452 Out of storage"
        if self.fault is not MailFault.DROPPED_AND_NOT_TAKEN:
            message_id = str(message_from_bytes(envelope.original_content or b"")["Message-ID"])
            self.mails.append(Mail(envelope.rcpt_tos[0], message_id, datetime.now(UTC)))
        if self.fault in (MailFault.DROPPED_AND_NOT_TAKEN, MailFault.DROPPED_AND_TAKEN) and server.transport:
            server.transport.abort()  # type: ignore[attr-defined]  # a socket's, whatever aiosmtpd says
        return "250 OK"
