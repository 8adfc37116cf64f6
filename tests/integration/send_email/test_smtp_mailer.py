"""SmtpMailer against servers that answer in every way."""

import socket
import time
from contextlib import ExitStack

import pytest

from send_email.settings import SmtpSecurity
from send_email.smtp_mailer import SmtpMailer
from shared.deliveries.delivery import NotDeliveredError, UndeliverableError
from testkit.free_ports import free_port
from testkit.smtp_server import Misbehaviour, Reply, Script
from tests.integration.send_email.mailing import DEADLINE_SECONDS, mail_to, mailing, send


def test_mail_is_handed_over_with_its_envelope() -> None:
    script = Script()

    send(script)

    assert script.commands[1:4] == ["mail FROM:<welcome@usher.example>", "rcpt TO:<ewan@example.com>", "data"]
    assert b"To: ewan@example.com\r\n" in script.mails[0]
    assert b"Hello\r\n..\r\n...dots\r\n" in script.mails[0]


def test_mail_without_a_last_line_end_ends_all_the_same() -> None:
    script = Script()

    send(script, mail_to(body="Hello\r\n."))

    assert script.mails[0].endswith(b"\r\nHello\r\n..\r\n")


@pytest.mark.parametrize("code", [500, 521, 550, 552, 554])
@pytest.mark.parametrize(("moment", "name"), [("RCPT", "rcpt"), ("DATA", "data"), ("end of data", "data")])
def test_recipient_or_message_refused_for_good_is_undeliverable(moment: str, name: str, code: int) -> None:
    with pytest.raises(UndeliverableError) as refusal:
        send(Script({moment: f"{code} no"}))

    assert refusal.value.code == f"{name}_{code}"


@pytest.mark.parametrize("code", [421, 450, 451, 452])
@pytest.mark.parametrize("moment", ["greeting", "MAIL", "RCPT", "DATA", "end of data"])
def test_reply_that_may_change_is_not_delivered_yet(moment: str, code: int) -> None:
    with pytest.raises(NotDeliveredError) as failure:
        send(Script({moment: f"{code} later"}))

    assert failure.value.code.endswith(f"_{code}")
    assert not failure.value.outcome_unknown


@pytest.mark.parametrize("code", [500, 530, 550, 554])
@pytest.mark.parametrize("moment", ["greeting", "MAIL"])
def test_refusal_of_us_is_our_own_fault_and_waits_for_its_repair(moment: str, code: int) -> None:
    with pytest.raises(NotDeliveredError) as failure:
        send(Script({moment: f"{code} no"}))

    assert failure.value.code.endswith(f"_{code}")


def test_server_that_greets_in_no_way_is_not_delivered() -> None:
    with pytest.raises(NotDeliveredError, match="smtp_550"):
        send(Script({"EHLO": "550 no", "HELO": "550 no"}))


def test_server_of_the_old_greeting_is_served() -> None:
    script = Script({"EHLO": "502 what"})

    send(script)

    assert len(script.mails) == 1


@pytest.mark.parametrize("reply", ["250 ok", "200 ok", "334 go on"])
def test_server_that_asks_for_no_data_has_not_accepted_the_mail(reply: str) -> None:
    script = Script({"DATA": reply})

    with pytest.raises(NotDeliveredError):
        send(script)

    assert script.mails == []


@pytest.mark.parametrize("reply", ["354 more", "nonsense", "999 what"])
def test_strange_reply_after_the_data_is_an_unknown_outcome(reply: str) -> None:
    with pytest.raises(NotDeliveredError) as failure:
        send(Script({"end of data": reply}))

    assert failure.value.outcome_unknown


@pytest.mark.parametrize("misbehaviour", Misbehaviour)
@pytest.mark.parametrize("moment", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_server_that_falls_silent_before_the_data_is_left_at_the_deadline(moment: str, misbehaviour: Reply) -> None:
    started = time.monotonic()

    with pytest.raises(NotDeliveredError) as failure:
        send(Script({moment: misbehaviour}), seconds=DEADLINE_SECONDS)

    assert not failure.value.outcome_unknown
    assert time.monotonic() - started < DEADLINE_SECONDS + 2


@pytest.mark.parametrize("misbehaviour", Misbehaviour)
def test_server_that_falls_silent_after_the_data_leaves_an_unknown_outcome(misbehaviour: Reply) -> None:
    started = time.monotonic()

    with pytest.raises(NotDeliveredError) as failure:
        send(Script({"end of data": misbehaviour}), seconds=DEADLINE_SECONDS)

    assert failure.value.outcome_unknown
    assert time.monotonic() - started < DEADLINE_SECONDS + 2


@pytest.mark.parametrize("reply", ["500 what", Misbehaviour.DROP, Misbehaviour.HANG])
def test_mail_that_was_accepted_stays_accepted_however_the_good_bye_ends(reply: Reply) -> None:
    script = Script({"QUIT": reply})
    started = time.monotonic()

    send(script, seconds=10)

    assert len(script.mails) == 1
    assert time.monotonic() - started < 5  # nobody waits for the answer


def test_deadline_that_has_passed_sends_nothing() -> None:
    script = Script()

    with pytest.raises(NotDeliveredError):
        send(script, seconds=-1)

    assert script.mails == []


def test_server_that_takes_no_connection_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as waiting:
        for _ in range(5):  # they fill the queue of those who wait
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        mailer = SmtpMailer(host="127.0.0.1", port=listener.getsockname()[1], security=SmtpSecurity.NONE)
        started = time.monotonic()

        with pytest.raises(NotDeliveredError, match="smtp_connection_failed"):
            mailer.send(mail_to(), started + DEADLINE_SECONDS)

    assert time.monotonic() - started < DEADLINE_SECONDS + 2


def test_server_that_is_not_there_is_not_delivered() -> None:
    mailer = SmtpMailer(host="127.0.0.1", port=free_port(), security=SmtpSecurity.NONE)

    with pytest.raises(NotDeliveredError, match="smtp_connection_failed"):
        mailer.send(mail_to(), time.monotonic() + 1)


def test_international_recipient_goes_to_a_server_that_offers_it() -> None:
    script = Script(extensions=("SMTPUTF8", "8BITMIME"))

    send(script, mail_to("jürgen"))

    assert script.commands[1:3] == ["mail FROM:<welcome@usher.example> SMTPUTF8", "rcpt TO:<jürgen@example.com>"]
    assert "To: jürgen@example.com\r\n".encode() in script.mails[0]


def test_international_recipient_is_undeliverable_where_it_is_not_offered() -> None:
    script = Script()

    with pytest.raises(UndeliverableError) as refusal:
        send(script, mail_to("jürgen"))

    assert refusal.value.code == "smtputf8_unsupported"
    assert script.mails == []


def test_time_spent_on_connecting_is_taken_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0])  # then a slow connection has used up all but a moment
    monkeypatch.setattr("shared.runtime.deadline_connection.monotonic", lambda: next(clock, 29.9))
    script = Script({"MAIL": Misbehaviour.HANG})
    started = time.monotonic()

    with mailing(script) as mailer, pytest.raises(NotDeliveredError):
        mailer.send(mail_to(), deadline=30)

    assert time.monotonic() - started < 5
