"""Mails over a connection that delivered one before: each arrives once, whatever has become of the connection."""

import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from send_email.settings import SmtpSecurity
from send_email.smtp_mailer import SmtpMailer
from shared.deliveries.delivery import NotDeliveredError, UndeliverableError
from testkit.certificates import self_signed
from testkit.free_ports import free_port
from testkit.smtp_server import Misbehaviour, Reply, Script
from tests.integration.send_email.mailing import DEADLINE_SECONDS, left, mail_to, mailing

USUAL = {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go ahead", "end of data": "250 accepted"}
REFUSALS = ["421 too many mails for one connection", "452 later", "503 what", "550 no", b"421 timeout\r\n", "nonsense"]
AT_ONCE = 16


def soon() -> float:
    return time.monotonic() + 10


def verbs(script: Script) -> str:
    return " ".join(command.partition(" ")[0].partition(":")[0].upper() for command in script.commands)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    return self_signed("localhost", tmp_path)


@pytest.mark.parametrize("security", [SmtpSecurity.TLS, SmtpSecurity.STARTTLS])
def test_next_mail_needs_neither_handshake_nor_login_and_the_server_gets_a_quit(
    security: SmtpSecurity, tls: ssl.SSLContext
) -> None:
    script = Script(extensions=("STARTTLS", "AUTH PLAIN"), tls=tls, implicit=security is SmtpSecurity.TLS)

    with mailing(script, security=security, user="usher", host="localhost") as mailer:
        for user in ("one", "two", "three"):
            mailer.send(mail_to(user), soon())

    assert verbs(script).removeprefix("EHLO STARTTLS ") == f"EHLO AUTH {'MAIL RCPT DATA ' * 3}QUIT"
    assert [message_from_bytes(mail)["To"] for mail in script.mails] == [
        f"{user}@example.com" for user in ("one", "two", "three")
    ]


@pytest.mark.parametrize("reply", [*REFUSALS, Misbehaviour.DROP])
@pytest.mark.parametrize("moment", ["MAIL", "RCPT", "DATA"])
def test_what_a_kept_connection_refuses_goes_over_a_new_one(moment: str, reply: Reply) -> None:
    script = Script({moment: [USUAL[moment], reply, USUAL[moment]]})

    with mailing(script) as mailer:
        mailer.send(mail_to("one"), soon())
        mailer.send(mail_to("two"), soon())

    assert [message_from_bytes(mail)["To"] for mail in script.mails] == ["one@example.com", "two@example.com"]
    assert verbs(script).count("EHLO") == 2


@pytest.mark.parametrize("code", [421, 452, 550])
def test_content_that_a_kept_connection_refuses_goes_over_a_new_one(code: int) -> None:
    script = Script({"end of data": ["250 accepted", f"{code} no", "250 accepted"]})

    with mailing(script) as mailer:
        for user in ("one", "two"):
            mailer.send(mail_to(user), soon())

    assert verbs(script).count("EHLO") == 2
    assert len(script.mails) == 3


def test_what_a_new_connection_refuses_too_is_refused() -> None:
    script = Script({"RCPT": ["250 ok", "452 full", "550 5.1.1 nobody"]})

    with mailing(script) as mailer:
        mailer.send(mail_to(), soon())
        with pytest.raises(UndeliverableError) as refusal:
            mailer.send(mail_to(), soon())

    assert refusal.value.code == "rcpt_550_5.1.1"


@pytest.mark.parametrize("reply", [Misbehaviour.DROP, b"250 o", "354 more", "nonsense"])
def test_mail_whose_acceptance_is_in_doubt_is_not_sent_again_over_a_new_connection(reply: Reply) -> None:
    script = Script({"end of data": ["250 accepted", reply, "250 accepted"]})

    with mailing(script) as mailer:
        mailer.send(mail_to(), soon())
        with pytest.raises(NotDeliveredError) as failure:
            mailer.send(mail_to(), soon())

    assert failure.value.outcome_unknown
    assert len(script.mails) == 2


@pytest.mark.parametrize("good_bye", [b"250 accepted\r\n", b"250 accepted\r\n421 4.4.2 timeout\r\n"])
def test_connection_that_the_server_closed_meanwhile_is_replaced(good_bye: bytes) -> None:
    script = Script({"end of data": good_bye})

    with mailing(script) as mailer:
        for user in ("one", "two", "three"):
            mailer.send(mail_to(user), soon())

    assert len(script.mails) == 3


@pytest.mark.parametrize("unasked", ["250 again", "250 again\r\n550 no"])
def test_reply_that_nobody_asked_for_is_not_taken_for_that_to_the_next_mail(unasked: str) -> None:
    script = Script({"end of data": [f"250 accepted\r\n{unasked}", "250 accepted"]})

    with mailing(script) as mailer:
        for user in ("one", "two"):
            mailer.send(mail_to(user), soon())

    arrived = [message_from_bytes(mail)["To"] for mail in script.mails]
    assert [to for to in arrived if to] == ["one@example.com", "two@example.com"]
    assert verbs(script).count("EHLO") == 2


def test_connection_that_died_unnoticed_costs_two_seconds_of_the_deadline_at_most() -> None:
    script = Script({"MAIL": ["250 ok", Misbehaviour.HANG, "250 ok"]})

    with mailing(script) as mailer:
        mailer.send(mail_to(), soon())
        started = time.monotonic()
        mailer.send(mail_to(), soon())

    assert len(script.mails) == 2
    assert 1.9 < time.monotonic() - started < 4


def test_each_mail_has_its_own_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("send_email.smtp_mailer._CHECK_SECONDS", 0.1)  # it counts until MAIL has its reply, not longer
    script = Script({"DATA": ["354 go ahead", "354 go ahead", Misbehaviour.HANG, "354 go ahead"]})

    with mailing(script) as mailer:
        deadline = time.monotonic() + DEADLINE_SECONDS
        mailer.send(mail_to(), deadline)
        time.sleep(max(deadline - time.monotonic(), 0))
        mailer.send(mail_to(), soon())
        assert verbs(script).count("EHLO") == 1
        started = time.monotonic()
        with pytest.raises(NotDeliveredError) as failure:
            mailer.send(mail_to(), started + DEADLINE_SECONDS)

    assert time.monotonic() - started < DEADLINE_SECONDS + 2
    assert not failure.value.outcome_unknown
    assert len(script.mails) == 2


def test_server_is_verified_again_after_a_minute(
    tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(extensions=("STARTTLS",), tls=tls)
    clock = time.monotonic

    with mailing(script, security=SmtpSecurity.STARTTLS, host="localhost") as mailer:
        mailer.send(mail_to(), soon())
        script.tls = self_signed("localhost", tmp_path)  # as an impostor has
        mailer.send(mail_to(), soon())
        monkeypatch.setattr("send_email.kept_connections.monotonic", lambda: clock() + 60)
        with pytest.raises(NotDeliveredError, match="smtp_connection_failed"):
            mailer.send(mail_to(), soon())

    assert len(script.mails) == 2
    assert verbs(script).endswith("MAIL RCPT DATA QUIT EHLO STARTTLS")


class Collecting:
    """Keeps what arrives, by connection."""

    def __init__(self) -> None:
        self.mails: list[tuple[Session, str, str]] = []

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's
        named = message_from_bytes(envelope.original_content or b"")["To"]
        self.mails.append((session, envelope.rcpt_tos[0], named))
        return "250 OK"


def test_many_at_once_never_share_a_connection_and_open_no_more_than_they_are() -> None:
    collecting, recipients = Collecting(), [f"user{number}" for number in range(200)]
    server = Controller(collecting, hostname="127.0.0.1", port=free_port())
    server.start()

    with (
        left(SmtpMailer(host="127.0.0.1", port=server.port, security=SmtpSecurity.NONE)) as mailer,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):
        list(threads.map(lambda user: mailer.send(mail_to(user), soon()), recipients))
    server.stop()

    assert sorted(to for _, to, _ in collecting.mails) == sorted(f"{user}@example.com" for user in recipients)
    assert all(to == named for _, to, named in collecting.mails)
    assert len({id(session) for session, *_ in collecting.mails}) <= AT_ONCE
