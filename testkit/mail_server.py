"""The mail server of the long run: it remembers what it accepted, and can be told to misbehave."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from functools import cached_property

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from emulator.inbox.mail_faults import Receiver
from testkit.free_ports import free_port
from testkit.links import link_in

REFUSED_PREFIX = "refused."
GREYLISTED_PREFIX = "greylisted."


@dataclass(frozen=True)
class Mail:
    """A mail that the server accepted; what the client learned of it is another matter."""

    address: str
    message_id: str
    received_at: datetime
    content: bytes = field(default=b"", repr=False)

    @property
    def event_id(self) -> str:
        return event_id_in(self.message_id)

    @cached_property
    def link(self) -> str:
        """What its text leads to; empty where it has no link."""
        return link_in(message_from_bytes(self.content, policy=default))


def event_id_in(message_id: str) -> str:
    """What the Message-ID of one of Usher's mails is made of."""
    return message_id.removeprefix("<").removesuffix("@usher.example>")


class MailServer(Receiver):
    """
    Listens until `stop`. Whatever the fault is, addresses that start with REFUSED_PREFIX are permanently refused, and
    those that start with GREYLISTED_PREFIX the first time.
    """

    def __init__(self) -> None:
        super().__init__(self._keep)
        self.mails: list[Mail] = []
        self._by_address: defaultdict[str, list[Mail]] = defaultdict(list)
        self.refused_at: dict[str, datetime] = {}
        self._greylisted: set[str] = set()
        self._controller = Controller(
            self, hostname="127.0.0.1", port=free_port(), server_hostname="localhost", enable_SMTPUTF8=True
        )
        self._controller.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._controller.port}"

    def mails_to(self, address: str) -> Sequence[Mail]:
        return self._by_address[address]

    def stop(self) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith(REFUSED_PREFIX):
            self.refused_at[address] = datetime.now(UTC)
            return "550 No such mailbox"
        if address.startswith(GREYLISTED_PREFIX) and address not in self._greylisted:
            self._greylisted.add(address)
            return "451 Greylisted"
        return await super().handle_RCPT(server, session, envelope, address, options)

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        message_id = str(message_from_bytes(content)["Message-ID"])
        mail = Mail(envelope.rcpt_tos[0], message_id, datetime.now(UTC), content)
        self.mails.append(mail)
        self._by_address[mail.address].append(mail)
