from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from send_email.brand_color import BrandColor
from send_email.mail import Mail
from send_email.mails import compose_mail
from shared.deliveries.delivery import UndeliverableError
from shared.events.user_created import UserCreated
from shared.runtime import tracing
from testkit.builders import NOW, TRACEPARENT, a_user_created

BRAND_COLOR = BrandColor("#2b5fd9")
SENDER = Address("Usher", "welcome", "usher.example")
HOSTILE = [
    "Ewan\r\nBcc: all@example.com",
    "Ewan\nBcc: all@example.com\n\nAnother body",
    "Ewan\rBcc: all@example.com",
    "Ewan\u2028Bcc: all@example.com",
    "Ewan\x85Bcc: all@example.com",
    "Ewan\x0bBcc: all@example.com",
    "=?utf-8?q?Ewan=0ABcc:_all=40example.com?=",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "\0\x1b[31m",
    ".\r\n.\r\nMAIL FROM:<a@b.example>",
]


def welcome(event: UserCreated, *, sender: Address = SENDER, product: str = "Usher") -> Mail:
    return compose_mail(event, "welcome", sender=sender, product=product, brand_color=BRAND_COLOR, date=NOW)


def compose(**changes: Any) -> Mail:
    return welcome(a_user_created(**changes))


def received(mail: Mail) -> EmailMessage:
    """What a mail program reads from the bytes that are sent."""
    return message_from_bytes(mail.content, policy=default)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part
    content: str = part.get_content()
    return content


def test_mail_has_the_headers_of_an_automatic_mail() -> None:
    event = a_user_created()

    mail = received(welcome(event))

    assert mail["From"] == "Usher <welcome@usher.example>"
    assert mail["To"] == "ewan@example.com"
    assert mail["Subject"] == "Welcome to Usher"
    assert mail["Message-ID"] == f"<{event.event_id}@usher.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(mail["Date"]) == NOW.replace(microsecond=0)


def test_names_of_sender_and_product_arrive_as_they_are() -> None:
    name = "Εθνική Βιβλιοθήκη της Ελλάδος, Αθήνα"
    sender = Address(name, "welcome", "usher.example")

    sent = welcome(a_user_created(), sender=sender, product=name).content

    headers = message_from_bytes(sent)
    assert str(make_header(decode_header(headers["Subject"]))) == f"Welcome to {name}"
    assert str(make_header(decode_header(headers["From"]))) == f"{name} <welcome@usher.example>"


def test_duplicate_of_a_mail_carries_the_same_message_id() -> None:
    event = a_user_created()

    one, duplicate, other = (received(welcome(each)) for each in (event, event, a_user_created()))

    assert one["Message-ID"] == duplicate["Message-ID"] != other["Message-ID"]


def test_mail_carries_the_trace_of_its_request() -> None:
    with tracing.continued(TRACEPARENT):
        assert received(compose())["X-Trace-Id"] == TRACEPARENT.split("-")[1]
    assert "X-Trace-Id" not in received(compose())


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_mail_greets_by_name_and_tells_nothing_else_that_was_typed(kind: str) -> None:
    mail = received(compose(name="Ewan", company="Acme", email="ewan+www.evil.example/win@example.com"))

    assert "Hello Ewan," in body(mail, kind)
    assert not any(word in body(mail, kind) for word in ("Acme", "evil", "@example"))


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize("pitch", ["FREE MONEY https://evil.example/win", "evil.example", *HOSTILE])
def test_what_is_not_a_name_is_not_in_the_mail(pitch: str, kind: str) -> None:
    text, anonymous = (body(received(compose(name=name, company=pitch)), kind) for name in (pitch, ""))

    assert "Hello," in text
    assert text == anonymous


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["name", "company"])
def test_hostile_text_adds_and_changes_no_header(hostile: str, field: str) -> None:
    ordinary, mail = received(compose()), received(compose(**{field: hostile}))

    assert mail.keys() == ordinary.keys()
    assert not mail.defects
    changing = ("Message-ID", "Content-Type")
    assert [v for k, v in mail.items() if k not in changing] == [v for k, v in ordinary.items() if k not in changing]
    assert len(list(mail.iter_parts())) == 2


@pytest.mark.parametrize(
    "product", ["=?utf-8?q?Usher=0ABcc:_all=40example.com?=", "=?utf-8?b?VXNoZXINCkJjYzogYUBiLmM=?="]
)
def test_product_that_hides_a_line_break_adds_no_header(product: str) -> None:
    sent = welcome(a_user_created(), product=product).content

    assert received(compose()).keys() == message_from_bytes(sent, policy=default).keys()
    assert b"\nBcc" not in sent.partition(b"\r\n\r\n")[0]


def test_apostrophe_is_escaped_in_html_only() -> None:
    mail = received(compose(name="N'Golo"))

    assert "Hello N&#39;Golo," in body(mail, "html")
    assert "Hello N'Golo," in body(mail, "plain")


def test_name_is_in_no_header() -> None:
    mail = received(compose(name="Canary", company="Canary"))

    assert not any("canary" in value.lower() for value in mail.values())


@pytest.mark.parametrize("name", ["Jürgen", "ராஜேஷ்", "محمد"])
def test_mail_is_seven_bit_whatever_it_says(name: str) -> None:
    sent = compose(name=name).content

    assert sent.isascii()
    assert max(len(line) for line in sent.split(b"\r\n")) <= 998
    assert name in body(message_from_bytes(sent, policy=default), "plain")


def test_international_domain_goes_out_in_ascii() -> None:
    mail = compose(email="ewan@Bücher.example")

    assert received(mail)["To"] == mail.recipient.addr_spec == "ewan@xn--bcher-kva.example"


def test_equals_and_question_mark_that_are_not_an_encoded_word_are_part_of_an_address() -> None:
    assert b"\r\nTo: a=?b@example.com\r\n" in compose(email="a=?b@example.com").content


def test_international_local_part_stays_as_it_is() -> None:
    mail = compose(email="jürgen@example.com")

    assert mail.recipient.addr_spec == "jürgen@example.com"
    assert "\r\nTo: jürgen@example.com\r\n".encode() in mail.content
    assert mail.needs_utf8


@pytest.mark.parametrize(
    "email",
    [
        "ewan",
        "@example.com",
        "ewan@",
        "ewan@-.example",
        "ewan@example..com",
        "ewan@exa mple.com",
        "ewan@xn--zzzzzz.com",
        "ewan@" + "e" * 64 + ".com",
        "ewan@example.com\r\nBcc: all@example.com",
        "ewan\r\nBcc: all@x.y@example.com",
        "=?utf-8?q?ewan=0d=0aSubject=3aPay_now=0d=0a=0d=0ahi?=@example.com",
        "=?utf-8?q?ewan=0d=0aBcc=3a_all?=@example.com",
        "=?utf-8?q?ewan=40other.example=2c?=@example.com",
        "=?utf-8?q?ewan=00?=@example.com",
    ],
)
def test_address_that_can_be_no_recipient_is_undeliverable(email: str) -> None:
    with pytest.raises(UndeliverableError) as refusal:
        compose(email=email)

    assert refusal.value.code == "address_invalid"
    assert "ewan" not in str(refusal.value)
