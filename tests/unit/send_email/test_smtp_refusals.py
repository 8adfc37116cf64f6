"""Replies of real servers to RCPT and after DATA, and whose fault each is."""

import pytest

from send_email.smtp_refusals import Reply

OURS = [
    (503, b"5.5.1 Error: need MAIL command"),
    (503, b"Bad sequence of commands"),
    (530, b"5.7.1 Authentication required"),
    (530, b"5.7.57 Client not authenticated to send mail"),
    (530, b"Must issue a STARTTLS command first"),
    (535, b"5.7.8 Username and Password not accepted"),
    (538, b"Encryption required for requested authentication mechanism"),
    (550, b"5.4.5 Daily user sending quota exceeded"),
    (554, b"5.4.6 Too many hops"),
    (501, b"5.5.4 Invalid Address"),
    (554, b"5.5.1 Error: no valid recipients"),
    (550, b"5.7.8 Authentication credentials invalid"),
    (550, b"5.7.9 Mechanism too weak"),
    (554, b"5.7.11 Encryption needed"),
    (554, b"5.7.1 <someone@else.example>: Relay access denied"),
    (550, b"5.7.1 Unable to relay"),
    (550, b"5.7.1 Relaying denied. Proper authentication required."),
    (550, b"5.7.0 Must be authenticated to send"),
    (550, b"5.7.1 SMTP AUTH is required"),
    (553, b"5.7.1 Sender address rejected: not logged in"),
    (550, b"5.7.1 Message quota exceeded for this account"),
    (550, b"5.7.1 Our system has detected an unusual rate of mail\n5.7.1 from your IP address"),
    (550, b"5.7.1 You are ratelimited"),
    (550, b"5.7.1 Sending rates exceeded"),
    (554, b"5.7.1 You may send 100 messages per hour"),
    (550, b"5.7.0 Invalid credentials"),
    (550, b"#5.7.1 Relaying denied"),
    (550, b"relay not permitted"),
    (550, b"authentication required"),
    (550, b"4.2.1 The account is busy"),
    (550, b"2.1.5 ok"),
]
THEIRS = [
    (550, b"5.1.1 <someone@else.example>: Recipient address rejected: User unknown"),
    (550, b"5.1.1 The email account that you tried to reach does not exist.\n5.1.1 Please try double-checking"),
    (550, b"5.2.1 The account is disabled"),
    (552, b"5.2.2 The recipient's mailbox is over quota"),
    (552, b"5.3.4 Message size exceeds fixed limit"),
    (552, b"Mailbox quota exceeded"),
    (550, b"5.6.1 Content not accepted"),
    (550, b"5.7.1 Message content rejected as spam"),
    (554, b"5.7.1 Service unavailable; client host blocked using a list"),
    (550, b"5.7.1 <relay@quota.example>: Recipient address rejected: Access denied"),
    (550, b"5.7.0 Rejected, see https://help.example/relay/authentication?rate"),
    (550, b"5.7.1 A separate, moderated list"),
    (550, b"5.7.26 Unauthenticated mail is not accepted"),
    (550, b"5.7.80 no"),
    (554, b"5.4.3.2 is on a blocklist"),
    (554, b"no"),
    (550, b""),
]


@pytest.mark.parametrize(("code", "text"), OURS)
def test_refusal_of_us_or_of_our_account_is_not_the_end_of_the_mail(code: int, text: bytes) -> None:
    assert not Reply(code, text).refuses_recipient_or_message()


@pytest.mark.parametrize(("code", "text"), THEIRS)
def test_any_other_refusal_is_the_recipients_or_the_messages(code: int, text: bytes) -> None:
    assert Reply(code, text).refuses_recipient_or_message()


@pytest.mark.parametrize("code", [-1, 250, 354, 421, 450, 452, 600])
def test_what_is_not_5xx_refuses_nothing_for_good(code: int) -> None:
    assert not Reply(code, b"5.1.1 no").refuses_recipient_or_message()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"5.4.5 Daily quota exceeded", "rcpt_550_5.4.5"),
        (b"canary\n5.1.1 canary\n5.7.1 canary", "rcpt_550_5.1.1"),
        (b"#5.1.0 Address rejected", "rcpt_550_5.1.0"),
        (b"canary has no 5.1.1 here", "rcpt_550"),
        (b"5.1 canary", "rcpt_550"),
        (b"5.1.1canary", "rcpt_550"),
        (b"5.1.1234 canary", "rcpt_550"),
        (b"5.1.1.1 canary", "rcpt_550"),
        (b"5.1.1. canary", "rcpt_550_5.1.1"),
        (b"\xff", "rcpt_550"),
        (b"", "rcpt_550"),
    ],
)
def test_name_keeps_the_codes_and_nothing_of_the_text(text: bytes, name: str) -> None:
    assert Reply(550, text).named("rcpt") == name
