"""SmtpMailer and replies that are cut off, are not SMTP, or tell whose fault a refusal is."""

import pytest

from shared.deliveries.delivery import NotDeliveredError, UndeliverableError
from testkit.smtp_server import Misbehaviour, Reply, Script
from tests.integration.send_email.mailing import send

_MOMENTS = ["greeting", "EHLO", "MAIL", "RCPT", "DATA"]
_NO_REPLY = [
    pytest.param(b"2", id="cut within the code"),
    pytest.param(b"250 o", id="cut within the text"),
    pytest.param(b"250 ok", id="cut before the line's end"),
    pytest.param(b"354 go ahead", id="cut before the end of what asks for the data"),
    pytest.param(b"250-ok\r\n", id="cut between lines"),
    pytest.param(b"HTTP/1.1 400 Bad Request\r\n", id="not SMTP"),
    pytest.param(b"250 " + b"o" * 10_000 + b"\r\n", id="too long"),
    pytest.param(Misbehaviour.DROP, id="connection closed"),
]


@pytest.mark.parametrize("reply", _NO_REPLY)
@pytest.mark.parametrize("moment", _MOMENTS)
def test_what_is_not_a_whole_reply_before_the_data_is_a_failed_connection(moment: str, reply: Reply) -> None:
    script = Script({moment: reply})

    with pytest.raises(NotDeliveredError, match="smtp_connection_failed") as failure:
        send(script)

    assert not failure.value.outcome_unknown
    assert script.mails == []


@pytest.mark.parametrize("reply", _NO_REPLY)
def test_what_is_not_a_whole_reply_after_the_data_is_an_unknown_outcome(reply: Reply) -> None:
    with pytest.raises(NotDeliveredError, match="reply_to_data_lost") as failure:
        send(Script({"end of data": reply}))

    assert failure.value.outcome_unknown


@pytest.mark.parametrize("moment", [*_MOMENTS, "AUTH", "end of data"])
def test_server_that_closes_has_not_accepted_the_mail(moment: str) -> None:
    with pytest.raises(NotDeliveredError) as failure:
        send(Script({moment: b"421 4.3.2 closing\r\n"}, extensions=("AUTH PLAIN",)), user="usher")

    assert not failure.value.outcome_unknown


@pytest.mark.parametrize(("moment", "name"), [("RCPT", "rcpt"), ("DATA", "data"), ("end of data", "data")])
@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("530 5.7.1 Authentication required", "530_5.7.1"),
        ("554 5.7.1 <canary@else.example>: Relay access denied", "554_5.7.1"),
        ("503 5.5.1 Bad sequence", "503_5.5.1"),
        ("550-5.4.5 Daily quota\r\n550 5.4.5 exceeded", "550_5.4.5"),
        ("550 4.2.1 busy", "550_4.2.1"),
    ],
)
def test_refusal_of_us_waits_for_its_repair_wherever_it_occurs(moment: str, name: str, reply: str, code: str) -> None:
    with pytest.raises(NotDeliveredError) as failure:
        send(Script({moment: reply}))

    assert str(failure.value) == failure.value.code == f"{name}_{code}"
    assert not failure.value.outcome_unknown


@pytest.mark.parametrize(("moment", "name"), [("RCPT", "rcpt"), ("DATA", "data"), ("end of data", "data")])
def test_refusal_of_the_recipient_keeps_its_enhanced_code(moment: str, name: str) -> None:
    with pytest.raises(UndeliverableError) as refusal:
        send(Script({moment: "550-5.1.1 no such user\r\n550 5.1.1 canary"}))

    assert str(refusal.value) == f"{name}_550_5.1.1"
