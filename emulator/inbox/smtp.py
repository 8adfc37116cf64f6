"""The local SMTP server: every mail that it accepts is in the mailbox."""

import asyncio
import logging
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from emulator.inbox.mailbox import Mailbox, ReceivedMail

_LARGEST_MAIL_BYTES = 10 * 1024 * 1024


class SmtpServer:
    """A listening server, closed like one of asyncio's."""

    def __init__(self, server: asyncio.Server, conversations: WeakSet[SMTP]) -> None:
        self._server = server
        self._conversations = conversations

    @property
    def port(self) -> int:
        """The port it listens on, also where port 0 was asked for."""
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Accept no more connections and end the open ones, also in the middle of a mail."""
        self._server.close()
        for conversation in self._conversations:
            if conversation.transport:
                conversation.transport.close()

    async def wait_closed(self) -> None:
        await self._server.wait_closed()


async def start_smtp_server(mailbox: Mailbox, *, host: str, port: int) -> SmtpServer:
    """
    Serve SMTP on the running loop, with SMTPUTF8, 8BITMIME and mails of at most 10 MiB.

    Raises:
        OSError: The address cannot be listened on.
    """
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # below, aiosmtpd logs addresses and bodies
    loop = asyncio.get_running_loop()
    conversations: WeakSet[SMTP] = WeakSet()
    receiver = _Receiver(mailbox)

    def converse() -> SMTP:
        # The host name is given because finding it may ask DNS, for every connection.
        conversation = SMTP(
            receiver,
            loop=loop,
            hostname="localhost",
            ident="Usher inbox",
            enable_SMTPUTF8=True,
            data_size_limit=_LARGEST_MAIL_BYTES,
        )
        conversations.add(conversation)
        return conversation

    return SmtpServer(await loop.create_server(converse, host, port), conversations)


class _Receiver:
    """What aiosmtpd calls back."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's
        raw = envelope.original_content or b""
        self._mailbox.add(ReceivedMail(envelope.mail_from or "", envelope.rcpt_tos, raw))
        return "250 OK"
