"""SmtpMailer's TLS and credentials: neither mail nor password goes to a server that proved nothing."""

import ssl
import time
from base64 import b64encode
from pathlib import Path

import pytest

from send_email.settings import SmtpSecurity
from send_email.smtp_mailer import SmtpMailer
from shared.deliveries.delivery import NotDeliveredError
from testkit.certificates import self_signed
from testkit.smtp_server import Misbehaviour, Reply, Script
from tests.integration.send_email.mailing import DEADLINE_SECONDS, mail_to, mailing, send


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """A server's TLS for `localhost`; nobody trusts its certificate, which is in `tmp_path`."""
    return self_signed("localhost", tmp_path)


@pytest.fixture
def trusted_tls(tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    return tls


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


PLAIN = base64("\0usher\0canary")
ASKS: dict[str, Reply | list[Reply]] = {
    "AUTH": "334 VXNlcm5hbWU6",
    base64("usher").upper(): "334 UGFzc3dvcmQ6",
    base64("canary").upper(): "235 welcome",
}
SECURE = [SmtpSecurity.TLS, SmtpSecurity.STARTTLS]


def tls_script(tls: ssl.SSLContext, security: SmtpSecurity) -> Script:
    return Script(extensions=("STARTTLS", "AUTH PLAIN"), tls=tls, implicit=security is SmtpSecurity.TLS)


@pytest.mark.parametrize("security", SECURE)
def test_server_with_a_certificate_that_is_trusted_gets_the_mail(
    security: SmtpSecurity, trusted_tls: ssl.SSLContext
) -> None:
    script = tls_script(trusted_tls, security)

    send(script, security=security, user="usher", host="localhost")

    assert len(script.mails) == 1


@pytest.mark.parametrize("security", SECURE)
def test_whom_to_trust_is_not_read_again_for_each_mail(
    security: SmtpSecurity, trusted_tls: ssl.SSLContext, tmp_path: Path
) -> None:
    script = tls_script(trusted_tls, security)
    script.replies = {"end of data": b"250 accepted, and bye\r\n"}  # so the second mail needs a new connection

    with mailing(script, security=security, host="localhost") as mailer:
        mailer.send(mail_to(), time.monotonic() + 10)
        (tmp_path / "certificate.pem").unlink()
        mailer.send(mail_to(), time.monotonic() + 10)

    assert len(script.mails) == 2


@pytest.mark.parametrize("security", SECURE)
def test_server_with_a_certificate_that_is_not_trusted_gets_nothing(
    security: SmtpSecurity, tls: ssl.SSLContext
) -> None:
    script = tls_script(tls, security)

    with pytest.raises(NotDeliveredError, match="smtp_connection_failed"):
        send(script, security=security, user="usher", host="localhost")

    assert not any(command.startswith(("AUTH", "mail")) for command in script.commands)


@pytest.mark.parametrize("security", SECURE)
def test_server_with_a_certificate_of_another_name_gets_nothing(
    security: SmtpSecurity, trusted_tls: ssl.SSLContext
) -> None:
    script = tls_script(trusted_tls, security)

    with pytest.raises(NotDeliveredError, match="smtp_connection_failed"):
        send(script, security=security, user="usher", host="127.0.0.1")

    assert script.mails == []


@pytest.mark.parametrize("replies", [{}, {"STARTTLS": "454 later"}, {"STARTTLS": "502 what"}])
def test_server_without_starttls_gets_neither_mail_nor_password(replies: dict[str, Reply]) -> None:
    script = Script(replies, extensions=(("STARTTLS",) if replies else ()) + ("AUTH PLAIN",))

    with pytest.raises(NotDeliveredError):
        send(script, security=SmtpSecurity.STARTTLS, user="usher")

    assert not any(command.startswith(("AUTH", "mail")) for command in script.commands)


def test_server_that_falls_silent_within_tls_is_left_at_the_deadline(trusted_tls: ssl.SSLContext) -> None:
    script = Script({"MAIL": Misbehaviour.DRIBBLE}, extensions=("STARTTLS",), tls=trusted_tls)
    started = time.monotonic()

    with pytest.raises(NotDeliveredError):
        send(script, security=SmtpSecurity.STARTTLS, host="localhost", seconds=DEADLINE_SECONDS)

    assert time.monotonic() - started < DEADLINE_SECONDS + 2


@pytest.mark.parametrize(
    ("moment", "code"), [("RCPT", "smtp_connection_failed"), ("end of data", "reply_to_data_lost")]
)
def test_reply_that_is_cut_off_within_tls_accepts_nothing(moment: str, code: str, trusted_tls: ssl.SSLContext) -> None:
    script = Script({moment: b"250 o"}, extensions=("STARTTLS",), tls=trusted_tls)

    with pytest.raises(NotDeliveredError, match=code):
        send(script, security=SmtpSecurity.STARTTLS, host="localhost")


def test_user_is_authenticated() -> None:
    script = Script(extensions=("AUTH PLAIN",))

    send(script, user="usher")

    assert script.commands[1].startswith("AUTH PLAIN ")


@pytest.mark.parametrize("code", [454, 530, 534, 535])
def test_refused_credentials_wait_for_their_repair_and_are_not_quoted(code: int) -> None:
    with pytest.raises(NotDeliveredError) as failure:
        send(Script({"AUTH": f"{code} 5.7.8 canary"}, extensions=("AUTH PLAIN",)), user="usher")

    assert str(failure.value) == f"smtp_{code}_5.7.8"


@pytest.mark.parametrize("extensions", [(), ("AUTH",), ("AUTH XOAUTH2",), ("AUTH GSSAPI XOAUTH2",)])
def test_server_that_cannot_authenticate_us_gets_no_mail(extensions: tuple[str, ...]) -> None:
    script = Script(extensions=extensions)

    with pytest.raises(NotDeliveredError, match="smtp_auth_unsupported"):
        send(script, user="usher")

    assert script.mails == []


@pytest.mark.parametrize("extensions", ["AUTH LOGIN", "AUTH login XOAUTH2"])
def test_login_waits_for_the_server_to_ask(extensions: str) -> None:
    script = Script(ASKS, extensions=(extensions,))

    send(script, user="usher")

    assert script.commands[1:4] == ["AUTH LOGIN", base64("usher"), base64("canary")]
    assert len(script.mails) == 1


@pytest.mark.parametrize("code", [501, 504])
def test_server_that_takes_no_response_with_the_command_is_given_it_when_it_asks(code: int) -> None:
    script = Script({"AUTH": [f"{code} no", "334 "], PLAIN.upper(): "235 welcome"}, extensions=("AUTH PLAIN",))

    send(script, user="usher")

    assert script.commands[1:4] == [f"AUTH PLAIN {PLAIN}", "AUTH PLAIN", PLAIN]


def test_server_that_refuses_one_way_to_log_in_is_asked_for_the_other() -> None:
    script = Script(ASKS | {"AUTH": ["535 no", "334 VXNlcm5hbWU6"]}, extensions=("AUTH PLAIN LOGIN",))

    send(script, user="usher")

    assert len(script.mails) == 1


def test_challenge_that_cannot_be_read_is_a_failed_login() -> None:
    script = Script({"AUTH": "334 !a"}, extensions=("AUTH CRAM-MD5",))

    with pytest.raises(NotDeliveredError, match="smtp_334"):
        send(script, user="usher")


def test_password_shows_in_no_repr() -> None:
    assert "canary" not in repr(SmtpMailer(host="h", port=25, security=SmtpSecurity.NONE, password="canary"))
