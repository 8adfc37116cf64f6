from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

import pytest

from send_email.brand_color import BrandColor
from send_email.mails import compose_mail
from shared.events.event import Event
from testkit.builders import NOW, a_sign_up_repeated

SENDER = Address("Usher", "welcome", "usher.example")


def received(event: Event, *, product: str = "Usher") -> EmailMessage:
    """What a mail program reads from the bytes that are sent."""
    color = BrandColor("#2b5fd9")
    mail = compose_mail(event, "already_registered", sender=SENDER, product=product, brand_color=color, date=NOW)
    return message_from_bytes(mail.content, policy=default)


def bodies(mail: EmailMessage) -> dict[str, str]:
    return {part.get_content_subtype(): " ".join(part.get_content().split()) for part in mail.iter_parts()}


def test_mail_goes_to_the_holder_under_the_id_of_its_event() -> None:
    event = a_sign_up_repeated()

    mail = received(event)

    assert (mail["From"], mail["To"]) == ("Usher <welcome@usher.example>", "ewan@example.com")
    assert mail["Subject"] == "You already have an account at Usher"
    assert mail["Message-ID"] == f"<{event.event_id}@usher.example>"
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize(
    "email", ["ewan@example.com", "ewan+www.evil.example/win@example.com", "ewan&'<b>@example.com"]
)
def test_text_and_html_say_that_there_is_an_account_and_nothing_that_a_stranger_typed(email: str, kind: str) -> None:
    text = bodies(received(a_sign_up_repeated(email=email)))[kind]

    assert "with your address. An account with this address already exists" in text
    assert "ewan" not in text
    assert "evil" not in text


def test_hostile_text_is_escaped_in_html() -> None:
    mail = received(a_sign_up_repeated(), product="<i>Usher</i>")

    assert "sign up for &lt;i&gt;Usher&lt;/i&gt; with" in bodies(mail)["html"]
