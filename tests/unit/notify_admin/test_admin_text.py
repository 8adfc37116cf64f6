import pytest

from notify_admin.admin_text import compose_text
from notify_admin.settings import SmsContent
from testkit.builders import a_user_created

EVENT = a_user_created(name="Ewan Canary", company="Canary Mines", email="ewan@canary.example")


@pytest.mark.parametrize(
    ("content", "who"),
    [
        (SmsContent.ID, ""),
        (SmsContent.NAME, "Ewan Canary, "),
        (SmsContent.NAME_AND_EMAIL, "Ewan Canary <ewan@canary.example>, "),
    ],
)
def test_text_tells_as_much_of_the_user_as_it_may(content: SmsContent, who: str) -> None:
    text = compose_text(EVENT, content, product="Usher")

    assert text == f"A new user signed up for Usher: {who}{EVENT.user_id}"


@pytest.mark.parametrize(
    ("name", "email", "who"),
    [
        ("Verify at evil.example", "ewan@canary.example", "(unusual name) <ewan@canary.example>"),
        ("Ewan", "www.evil.example/win@canary.example", "Ewan <(unusual address)>"),
        ("https://evil.example", "evil.example?win@canary.example", "(unusual name) <(unusual address)>"),
    ],
)
def test_text_holds_no_link_that_a_stranger_chose(name: str, email: str, who: str) -> None:
    event = a_user_created(name=name, email=email)

    text = compose_text(event, SmsContent.NAME_AND_EMAIL, product="Usher")

    assert text == f"A new user signed up for Usher: {who}, {event.user_id}"
