from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

import pytest

from send_email.brand_color import BrandColor
from send_email.links import sign_up_link
from send_email.mails import compose_mail
from shared.events.sign_up_requested import SignUpRequested
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.builders import NOW, a_sign_up_requested
from tests.unit.send_email.mail_html import MailHtml

KEYS = VersionedSecrets.parse(f"1:{'k' * 32}")
URL = "https://example.com/o'brien&co/sign-up"
LONGEST = f"{'l' * 64}@{'bücher.' * 13}example.com"
ADDRESSES = ["ewan+www.evil.example/win@example.com", "ewan&'<b>@example.com", LONGEST]


def link_to(event: SignUpRequested) -> str:
    return sign_up_link(event, url=URL, keys=KEYS, at=NOW)


def received(event: SignUpRequested) -> EmailMessage:
    """What a mail program reads from the bytes that are sent."""
    sender, color = Address("Usher", "welcome", "usher.example"), BrandColor("#2b5fd9")
    mail = compose_mail(
        event, "sign_up_link", sender=sender, product="Usher", brand_color=color, date=NOW, link=link_to(event)
    )
    assert mail.content.isascii()
    assert max(map(len, mail.content.split(b"\r\n"))) <= 998
    return message_from_bytes(mail.content, policy=default)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part
    content: str = part.get_content()
    return content


@pytest.mark.parametrize("email", ["ewan@example.com", *ADDRESSES])
def test_text_has_the_link_on_a_line_of_its_own_and_html_on_a_button(email: str) -> None:
    event = a_sign_up_requested(email=email)

    mail = received(event)

    assert body(mail, "plain").splitlines().count(link_to(event)) == 1
    [button] = [given for tag, given in MailHtml(body(mail, "html")).tags if tag == "a"]
    assert button["href"] == link_to(event)


def test_mail_goes_to_the_address_under_the_id_of_its_event_and_names_neither_link_nor_token_in_a_header() -> None:
    event = a_sign_up_requested()

    mail = received(event)

    assert (mail["To"], mail["Subject"]) == ("ewan@example.com", "Finish signing up for Usher")
    assert mail["Message-ID"] == f"<{event.event_id}@usher.example>"
    assert not any("sign-up" in value or "#" in value for value in mail.values())


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize("email", ADDRESSES)
def test_mail_says_nothing_that_a_stranger_typed_but_in_the_token(email: str, kind: str) -> None:
    events = a_sign_up_requested(email=email), a_sign_up_requested()

    one, other = (body(received(event), kind).replace(link_to(event).partition("#")[2], "TOKEN") for event in events)

    assert "sign-up#TOKEN" in one
    assert one == other
