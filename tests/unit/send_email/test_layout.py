"""What holds of every mail, whichever it is: tests/browser/test_mails.py looks at them, too."""

import re
from collections.abc import Callable
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from itertools import product as combinations

import pytest

from send_email.brand_color import BrandColor
from send_email.mails import compose_mail
from testkit.builders import NOW, a_sign_up_repeated, a_sign_up_requested, a_user_created
from tests.unit.send_email.mail_html import MailHtml, contrast

LONGEST = "W" * 40
LINK = f"https://example.com/sign-up#{'t' * 300}"
Compose = Callable[..., EmailMessage]


@pytest.fixture(params=["welcome", "sign_up_link", "already_registered"])
def compose(request: pytest.FixtureRequest) -> Compose:
    def composed(name: str = "Ewan", product: str = "Usher & Co", color: str = "#2b5fd9") -> EmailMessage:
        events = {
            "welcome": a_user_created(name=name),
            "sign_up_link": a_sign_up_requested(),
            "already_registered": a_sign_up_repeated(),
        }
        mail = compose_mail(
            events[request.param],
            request.param,
            sender=Address("Usher", "welcome", "usher.example"),
            product=product,
            brand_color=BrandColor(color),
            date=NOW,
            link=LINK if request.param == "sign_up_link" else "",
        )
        return message_from_bytes(mail.content, policy=default)

    return composed


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found
    content: str = found.get_content()
    return content.replace("\r\n", "\n")


def test_html_says_what_the_text_says_below_product_and_subject(compose: Compose) -> None:
    mail = compose()

    paragraphs = [" ".join(paragraph.split()) for paragraph in part(mail, "plain").split("\n\n")]
    html = MailHtml(part(mail, "html"))
    shown = [mail["Subject"] if paragraph == LINK else paragraph for paragraph in paragraphs]
    assert [text for text, _ in html.texts] == ["Usher & Co", mail["Subject"], *shown]
    assert html.hidden.strip("\u034f\u200c\xa0 ") == paragraphs[1]
    assert not re.search("[{}%]", " ".join(paragraphs))


def test_nothing_is_loaded_or_run_and_only_the_link_is_linked(compose: Compose) -> None:
    mail = compose()

    html = part(mail, "html").replace(f'<a href="{LINK}"', "<b")
    assert (LINK in part(mail, "html")) == (LINK in part(mail, "plain"))
    attributes = {name for _, given in MailHtml(html.replace("</a>", "</b>")).tags for name in given}
    assert attributes <= {
        *("lang", "dir", "charset", "name", "content", "class", "style"),
        *("role", "width", "align", "cellpadding", "cellspacing", "border"),
    }
    assert not re.search(r"//|url\(|@import|@font-face|<(?:script|link|img|a|form)\b", html)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_text_contrasts_with_its_background_in_both_modes(compose: Compose, mode: str) -> None:
    looks = {look for _, look in MailHtml(part(compose(), "html"), dark=mode == "dark").texts}

    assert len(looks) == 3, "product or button, text, and what is quieter"
    assert min(contrast(look.color, look.background) for look in looks) >= 4.5
    pages = [look.background for look in looks if look.background != "#2b5fd9"]
    assert all((contrast(page, "#ffffff") > 10) == (mode == "dark") for page in pages)


def test_text_without_a_style_sheet_is_readable_when_its_colours_are_inverted(compose: Compose) -> None:
    """As programs do that know no dark mode of a mail's own; of a brand colour they make what they like."""
    for text, look in MailHtml(part(compose(), "html")).texts:
        if look.background == "#2b5fd9":
            continue
        color, background = (f"#{0xFFFFFF - int(each[1:], 16):06x}" for each in (look.color, look.background))
        assert contrast(color, background) >= 4.5, text


def test_mail_declares_its_language_and_modes_and_its_tables_as_layout(compose: Compose) -> None:
    tags = MailHtml(part(compose(), "html")).tags

    metas = {given.get("name"): given.get("content") for tag, given in tags if tag == "meta"}
    assert metas["color-scheme"] == metas["supported-color-schemes"] == "light dark"
    assert next(given["lang"] for tag, given in tags if tag == "html") == "en"
    assert {given.get("role") for tag, given in tags if tag == "table"} == {"presentation"}


def test_mail_is_small_and_its_text_narrow(compose: Compose) -> None:
    mail = compose(name=LONGEST, product="Εθνική Βιβλιοθήκη της Ελλάδος")

    assert len(mail.as_bytes()) < 10_000
    assert max(len(line) for line in part(mail, "plain").splitlines() if line != LINK) <= 72


def test_text_is_readable_on_every_brand_color() -> None:
    parts = range(0, 256, 15)
    colors = [
        BrandColor.parse(f"#{red:02x}{green:02X}{blue:02x}") for red, green, blue in combinations(parts, repeat=3)
    ]

    assert min(contrast(color, color.text_color) for color in colors) >= 4.5
    assert {color.text_color for color in colors} == {"#000000", "#ffffff"}
