"""The local SMTP server: every mail that it accepts is in the mailbox."""

import asyncio
import logging
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope

from emulator.inbox.mail_faults import MailFault, Receiver
from emulator.inbox.mailbox import Mailbox, ReceivedMail

_LARGEST_MAIL_BYTES = 10 * 1024 * 1024


class SmtpServer:
    """SMTP with SMTPUTF8, 8BITMIME and mails of at most 10 MiB, on the running loop, while it is open."""

    def __init__(self, mailbox: Mailbox, *, host: str, port: int) -> None:
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # below, aiosmtpd logs addresses and bodies
        self._receiver = Receiver(lambda envelope: mailbox.add(_received(envelope)))
        self._host = host
        self.port = port
        self._server: asyncio.Server | None = None
        self._conversations: WeakSet[SMTP] = WeakSet()

    async def open(self, fault: MailFault | None = None) -> None:
        """
        Listen, also again after `close`; with a port of the system's choice where it was 0. Misbehave as `fault` says.

        Raises:
            OSError: The address cannot be listened on.
        """
        self._receiver.fault = fault
        if not self._server:
            loop = asyncio.get_running_loop()
            server = await loop.create_server(self._converse, self._host, self.port, start_serving=False)
            try:
                await server.start_serving()
            except BaseException:  # cancelled in between: nobody else could close it
                server.close()
                raise
            self._server = server
            self.port = server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Accept no more connections and end the open ones, also in the middle of a mail."""
        if self._server:
            self._server.close()
            for conversation in self._conversations:
                if conversation.transport:
                    conversation.transport.close()
            await self._server.wait_closed()
            self._server = None

    def _converse(self) -> SMTP:
        # The host name is given because finding it may ask DNS, for every connection.
        conversation = _Conversation(
            self._receiver,
            loop=asyncio.get_running_loop(),
            hostname="localhost",
            ident="Usher inbox",
            enable_SMTPUTF8=True,
            data_size_limit=_LARGEST_MAIL_BYTES,
        )
        self._conversations.add(conversation)
        return conversation


class _Conversation(SMTP):
    """Hangs up on HTTP, before a web page's request can bring SMTP commands in its body."""

    async def hang_up(self, _arguments: str | None) -> None:
        if self.transport and self._handler_coroutine:
            self._handler_coroutine.cancel()
            self.transport.close()
            await asyncio.sleep(0)  # here it ends: without a pause it would still read what has arrived


# aiosmtpd finds commands by such names. The method may be any word, one of SMTP's too; this header is always there.
setattr(_Conversation, "smtp_HOST:", _Conversation.hang_up)


def _received(envelope: Envelope) -> ReceivedMail:
    return ReceivedMail(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content or b"")
