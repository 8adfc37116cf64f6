"""SmtpMailer's TLS and credentials: neither mail nor password goes to a server that proved nothing."""

import ssl
import time
from pathlib import Path

import pytest

from send_email.settings import SmtpSecurity
from send_email.smtp_mailer import SmtpMailer
from shared.deliveries.delivery import NotDeliveredError
from tests.certificates import self_signed
from tests.integration.send_email.mailing import DEADLINE_SECONDS, mail_to, send
from tests.smtp_server import Misbehaviour, Reply, Script, serving


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """A server's TLS for `localhost`; nobody trusts its certificate, which is in `tmp_path`."""
    return self_signed("localhost", tmp_path)


@pytest.fixture
def trusted_tls(tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    return tls


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

    with serving(script):
        mailer = SmtpMailer(host="localhost", port=script.port, security=security)
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


def test_user_is_authenticated() -> None:
    script = Script(extensions=("AUTH PLAIN",))

    send(script, user="usher")

    assert script.commands[1].startswith("AUTH PLAIN ")


@pytest.mark.parametrize("code", [454, 530, 534, 535])
def test_refused_credentials_wait_for_their_repair_and_are_not_quoted(code: int) -> None:
    with pytest.raises(NotDeliveredError) as failure:
        send(Script({"AUTH": f"{code} canary"}, extensions=("AUTH PLAIN",)), user="usher")

    assert str(failure.value) == f"smtp_{code}"


@pytest.mark.parametrize("extensions", [(), ("AUTH GSSAPI",)])
def test_server_that_cannot_authenticate_us_gets_no_mail(extensions: tuple[str, ...]) -> None:
    script = Script(extensions=extensions)

    with pytest.raises(NotDeliveredError):
        send(script, user="usher")

    assert script.mails == []


def test_password_shows_in_no_repr() -> None:
    assert "canary" not in repr(SmtpMailer(host="h", port=25, security=SmtpSecurity.NONE, password="canary"))
