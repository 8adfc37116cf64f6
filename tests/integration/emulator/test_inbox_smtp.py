import asyncio
import gc
import logging
import smtplib
import socket
import struct
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial

import pytest

from emulator.inbox.mail_faults import MailFault
from emulator.inbox.mailbox import Mailbox
from emulator.inbox.smtp import SmtpServer


def mail(to: str = "ewan@example.com", subject: str = "Welcome") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "usher@example.com"
    message["To"] = to
    message["Subject"] = subject
    message.set_content("Hello\n.\n..\n")
    return message


def with_server(use: Callable[[int], None]) -> Mailbox:
    """The mailbox after `use`, in a thread, was given a running server's port."""

    async def serve() -> None:
        server = SmtpServer(mailbox, host="127.0.0.1", port=0)
        await server.open()
        await asyncio.to_thread(use, server.port)
        await asyncio.wait_for(server.close(), timeout=5)

    mailbox = Mailbox()
    asyncio.run(serve())
    gc.collect()  # a task or transport left behind would warn now
    return mailbox


def test_mail_is_kept_with_its_envelope() -> None:
    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(mail(), "bounces@example.com", ["ewan@example.com", "audit@example.com"])

    [received] = with_server(send).newest_first()

    assert received.mail_from == "bounces@example.com"
    assert received.recipients == ["ewan@example.com", "audit@example.com"]
    assert received.content.subject == "Welcome"
    assert received.content.text == "Hello\r\n.\r\n..\r\n"


def test_internationalised_address_and_eight_bit_text_are_kept() -> None:
    message = mail(to="zoë@exämple.com", subject="Grüße")
    message.set_content("Grüße\n", cte="8bit")

    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.ehlo()
            assert {"smtputf8", "8bitmime", "size"} <= set(client.esmtp_features)
            client.send_message(message)

    [received] = with_server(send).newest_first()

    assert received.recipients == ["zoë@exämple.com"]
    assert received.content.to[0].address == "zoë@exämple.com"
    assert (received.content.subject, received.content.text) == ("Grüße", "Grüße\r\n")


def test_mail_over_the_size_limit_is_refused() -> None:
    def send(port: int) -> None:
        message = mail()
        message.set_content("x" * 70 + "\n" + ("y" * 70 + "\n") * 160_000)
        with smtplib.SMTP("127.0.0.1", port) as client, pytest.raises(smtplib.SMTPSenderRefused) as refused:
            client.send_message(message)
        assert refused.value.smtp_code == 552

    assert with_server(send).newest_first() == []


def test_fifty_clients_are_served_at_once() -> None:
    def send(port: int) -> None:
        clients = [smtplib.SMTP("127.0.0.1", port, timeout=10) for _ in range(50)]
        for number, client in enumerate(clients):
            client.send_message(mail(subject=str(number)))
        for client in clients:
            client.quit()

    mailbox = with_server(send)

    assert {received.content.subject for received in mailbox.newest_first()} == {str(number) for number in range(50)}


def test_mail_is_in_the_mailbox_when_the_client_has_its_answer() -> None:
    mailbox = Mailbox()

    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(mail())
            assert len(mailbox.newest_first()) == 1

    async def serve() -> None:
        server = SmtpServer(mailbox, host="127.0.0.1", port=0)
        await server.open()
        await asyncio.to_thread(send, server.port)
        await server.close()

    asyncio.run(serve())


def test_closing_ends_open_conversations(caplog: pytest.LogCaptureFixture) -> None:
    def open_conversation(port: int, last_words: bytes) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
        client.recv(1024)
        client.sendall(last_words)
        return client

    def wait_for_the_end(client: socket.socket) -> None:
        with client:
            while client.recv(1024):
                pass

    async def serve() -> None:
        server = SmtpServer(mailbox, host="127.0.0.1", port=0)
        await server.open()
        clients = [
            await asyncio.to_thread(open_conversation, server.port, last_words)
            for last_words in (
                b"",
                b"EHLO me\r\n",
                b"EHLO me\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nHello\r\n",
            )
        ]
        await asyncio.wait_for(server.close(), timeout=5)
        for client in clients:
            await asyncio.to_thread(wait_for_the_end, client)

    mailbox = Mailbox()
    asyncio.run(serve())
    gc.collect()  # a task or transport left behind would warn now

    assert mailbox.newest_first() == []
    assert not caplog.records


def test_vanishing_clients_leave_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def vanish_and_send(port: int) -> None:
        for last_words in (
            b"",
            b"EHLO me\r\n",
            b"EHLO me\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nsecret body\r\n",
        ):
            client = socket.create_connection(("127.0.0.1", port), timeout=5)
            client.sendall(last_words)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close by a reset
            client.close()
        with smtplib.SMTP("127.0.0.1", port) as sender:
            sender.send_message(mail())

    mailbox = with_server(vanish_and_send)

    assert len(mailbox.newest_first()) == 1
    assert [record.message for record in caplog.records if "selector" not in record.message] == []


def test_server_does_as_it_is_switched_and_keeps_its_port() -> None:
    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.send_message(mail())

    async def serve() -> None:
        server = SmtpServer(mailbox, host="127.0.0.1", port=0)
        await server.open(MailFault.RCPT_550)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            await asyncio.to_thread(send, server.port)
        await server.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.to_thread(send, server.port)
        await server.open()
        await asyncio.to_thread(send, server.port)
        await server.close()

    mailbox = Mailbox()
    asyncio.run(serve())

    assert len(mailbox.newest_first()) == 1


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"Delete", b"NOOP"])
def test_request_of_a_web_page_brings_no_mail(method: bytes) -> None:
    commands = b"EHLO page\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nHello\r\n.\r\n"
    answers = []

    def post(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as page:
            page.sendall(method + b" / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n" + commands)
            page.shutdown(socket.SHUT_WR)
            answers.append(b"".join(iter(partial(page.recv, 1024), b"")))

    assert with_server(post).newest_first() == []
    assert b"354" not in answers[0]
