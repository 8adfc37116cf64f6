"""TwilioMessages against servers that answer in every way."""

import socket
import ssl
import time
from base64 import b64decode
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from notify_admin.twilio_messages import TwilioMessages
from shared.deliveries.delivery import NotDeliveredError, UndeliverableError
from shared.runtime import tracing
from testkit.builders import TRACEPARENT
from testkit.certificates import self_signed
from testkit.free_ports import free_port
from testkit.http_server import HttpScript, http_serving, reply
from testkit.smtp_server import Misbehaviour

DEADLINE_SECONDS = 0.3
TEXT = "A new user signed up for Ushér & Co: 100 % + 1"


def messages(base_url: str) -> TwilioMessages:
    return TwilioMessages(base_url=base_url, account_sid="AC 1", auth_token="canary:token", sender="+441632960000")


def send(script: HttpScript, base_url: str = "http://127.0.0.1:{port}", *, seconds: float = 10) -> None:
    with http_serving(script):
        service = messages(base_url.format(port=script.port))
        service.send(TEXT, to="+441632960001", deadline=time.monotonic() + seconds)


def test_sms_is_asked_for_as_the_api_wants_it() -> None:
    script = HttpScript()

    with tracing.continued(TRACEPARENT):
        send(script)

    [request] = script.requests
    assert request.line == "POST /2010-04-01/Accounts/AC%201/Messages.json HTTP/1.1"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Host"] == f"127.0.0.1:{script.port}"
    assert b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"AC 1:canary:token"
    assert request.headers["traceparent"] == TRACEPARENT
    form = parse_qs(request.body.decode("ascii"), strict_parsing=True)
    assert form == {"To": ["+441632960001"], "From": ["+441632960000"], "Body": [TEXT]}


def test_api_may_be_below_a_path() -> None:
    script = HttpScript()

    send(script, "http://127.0.0.1:{port}/api/laml")

    assert script.requests[0].line.startswith("POST /api/laml/2010-04-01/Accounts/")


def test_text_refused_for_good_is_undeliverable() -> None:
    with pytest.raises(UndeliverableError, match="twilio_21617"):
        send(HttpScript(reply("400 Bad Request", {"code": 21617, "message": "too long", "status": 400})))


@pytest.mark.parametrize(
    ("status", "content", "code"),
    [
        ("401 Unauthorized", {"code": 20003}, "twilio_20003"),
        ("404 Not Found", {"code": 20404}, "twilio_20404"),
        ("429 Too Many Requests", {"code": 20429}, "twilio_20429"),
        ("400 Bad Request", {"code": 21606}, "twilio_21606"),
        ("400 Bad Request", {"code": 21608}, "twilio_21608"),
        ("400 Bad Request", {"code": 21211}, "twilio_21211"),
        ("400 Bad Request", {"code": 21610}, "twilio_21610"),
        ("400 Bad Request", {"code": 21612}, "twilio_21612"),
        ("429 Too Many Requests", {"code": 21617}, "twilio_21617"),
        ("400 Bad Request", {"detail": "no code"}, "http_400"),
        ("403 Forbidden", "not an object", "http_403"),
    ],
)
def test_refusal_that_a_repair_or_time_fixes_is_not_delivered_yet(status: str, content: object, code: str) -> None:
    with pytest.raises(NotDeliveredError, match=f"^{code}$") as failure:
        send(HttpScript(reply(status, content)))

    assert not failure.value.outcome_unknown


def test_refusal_that_nests_too_deep_to_be_read_is_not_delivered_yet() -> None:
    with pytest.raises(NotDeliveredError, match="http_400"):
        send(HttpScript(b'HTTP/1.1 400 Bad Request\r\n\r\n{"more_info": ' + b"[" * 10_000))


@pytest.mark.parametrize("status", ["500 Internal Server Error", "502 Bad Gateway", "503 Busy", "302 Found"])
def test_answer_that_says_nothing_of_the_sms_is_an_unknown_outcome(status: str) -> None:
    with pytest.raises(NotDeliveredError, match=f"^http_{status[:3]}$") as failure:
        send(HttpScript(reply(status, "a gateway's page")))

    assert failure.value.outcome_unknown


@pytest.mark.parametrize("answer", [*Misbehaviour, b"no HTTP\r\n\r\n", b"HTTP/1.1 2"])
def test_server_that_takes_the_request_and_does_not_answer_leaves_an_unknown_outcome(
    answer: bytes | Misbehaviour,
) -> None:
    started = time.monotonic()

    with pytest.raises(NotDeliveredError, match="sms_reply_lost") as failure:
        send(HttpScript(answer), seconds=DEADLINE_SECONDS)

    assert failure.value.outcome_unknown
    assert time.monotonic() - started < DEADLINE_SECONDS + 2


def test_sms_that_was_accepted_stays_accepted_however_the_answer_ends() -> None:
    send(HttpScript(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"))


def test_server_that_is_not_there_is_not_delivered() -> None:
    with pytest.raises(NotDeliveredError, match="sms_connection_failed") as failure:
        messages(f"http://127.0.0.1:{free_port()}").send(TEXT, to="+441632960001", deadline=time.monotonic() + 1)

    assert not failure.value.outcome_unknown


def test_deadline_that_has_passed_sends_nothing() -> None:
    script = HttpScript()

    with pytest.raises(NotDeliveredError):
        send(script, seconds=-1)

    assert script.requests == []


def test_server_that_never_agrees_on_tls_is_left_at_the_deadline() -> None:
    started = time.monotonic()

    with socket.create_server(("127.0.0.1", 0)) as silent:
        service = messages(f"https://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(NotDeliveredError, match="sms_connection_failed"):
            service.send(TEXT, to="+441632960001", deadline=started + DEADLINE_SECONDS)

    assert time.monotonic() - started < DEADLINE_SECONDS + 2


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_server_that_has_proved_nothing_gets_nothing(host: str, tmp_path: Path) -> None:
    script = HttpScript(tls=self_signed("localhost", tmp_path))

    with pytest.raises(NotDeliveredError, match="sms_connection_failed"):
        send(script, f"https://{host}:{{port}}")

    assert script.requests == []


@pytest.fixture
def trusted_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS for `localhost`."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    return self_signed("localhost", tmp_path)


def test_server_with_a_certificate_that_is_trusted_gets_the_sms(trusted_tls: ssl.SSLContext) -> None:
    script = HttpScript(tls=trusted_tls)

    send(script, "https://localhost:{port}")

    assert len(script.requests) == 1


def test_whom_to_trust_is_not_read_again_for_each_sms(trusted_tls: ssl.SSLContext, tmp_path: Path) -> None:
    script = HttpScript(tls=trusted_tls)

    with http_serving(script):
        service = messages(f"https://localhost:{script.port}")
        service.send(TEXT, to="+441632960001", deadline=time.monotonic() + 10)
        (tmp_path / "certificate.pem").unlink()
        service.send(TEXT, to="+441632960001", deadline=time.monotonic() + 10)

    assert len(script.requests) == 2


def test_deadline_holds_behind_tls_too(trusted_tls: ssl.SSLContext) -> None:
    started = time.monotonic()

    with pytest.raises(NotDeliveredError, match="sms_reply_lost"):
        send(HttpScript(Misbehaviour.DRIBBLE, tls=trusted_tls), "https://localhost:{port}", seconds=DEADLINE_SECONDS)

    assert time.monotonic() - started < DEADLINE_SECONDS + 2


def test_token_shows_in_no_repr() -> None:
    assert "canary" not in repr(messages("https://api.twilio.com"))
