"""Each mail as a mail program shows them, on a phone and in a window, by day and by night."""

from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from send_email.brand_color import BrandColor
from send_email.mails import compose_mail
from shared.events.event import Event
from testkit.builders import NOW, a_sign_up_repeated, a_sign_up_requested, a_user_created
from tests.browser.looking import AXE, check, photograph

SENDER = Address("Usher", "welcome", "usher.example")
LONG_PRODUCT = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
MAILS: dict[str, tuple[Event, str, str, str]] = {
    "welcome": (a_user_created(name="Ewan"), "welcome", "Usher", "#2b5fd9"),
    "link": (a_sign_up_requested(), "sign_up_link", LONG_PRODUCT, "#2b5fd9"),
    "repeated": (a_sign_up_repeated(), "already_registered", "Usher", "#ffd200"),
    "long": (a_user_created(name="W" * 40), "welcome", LONG_PRODUCT, "#777777"),
    "right-to-left": (a_user_created(name="محمد العربي"), "welcome", "אושר", "#000000"),
}
# Where the greeting's last two characters are: the name's and the comma's.
_ENDS = """() => {
  const text = document.querySelector("p").firstChild;
  return [2, 1].map((back) => {
    const range = document.createRange();
    range.setStart(text, text.length - back);
    range.setEnd(text, text.length - back + 1);
    return range.getBoundingClientRect().right;
  });
}"""


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make tests/node_modules/.installed")
@pytest.mark.parametrize(("scheme", "page_color"), [("light", "rgb(245, 246, 248)"), ("dark", "rgb(18, 21, 27)")])
def test_mails_fit_and_are_readable(context: BrowserContext, scheme: Any, page_color: str) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)
    for name, (event, template, product, color) in MAILS.items():
        mail = compose_mail(
            event,
            template,
            sender=SENDER,
            product=product,
            brand_color=BrandColor(color),
            date=NOW,
            link=f"https://example.com/sign-up#{'t' * 200}" if template == "sign_up_link" else "",
        )
        html = message_from_bytes(mail.content, policy=default).get_body(("html",))
        assert html
        page.set_content(html.get_content())

        page.set_viewport_size({"width": 600, "height": 480})
        photograph(page, f"mail-{name}-{scheme}-600")
        page.set_viewport_size({"width": 320, "height": 480})
        check(page, f"mail-{name}-{scheme}-320")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == page_color
        last_letter, comma = page.evaluate(_ENDS)
        assert comma > last_letter, "the comma is not behind the name"
