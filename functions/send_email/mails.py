"""Composes mails from templates/: a text for each, and one layout that shows it as HTML."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from textwrap import TextWrapper

import idna
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.deliveries.delivery import UndeliverableError
from shared.events.event import Event
from shared.events.user_created import UserCreated
from shared.runtime import tracing
from shared.texts.encoded_words import holds_encoded_word
from shared.texts.plausible_names import plausible_name

from .brand_color import BrandColor
from .mail_headers import ReadableHeaders

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_WRAPPER = TextWrapper(72, break_long_words=False, break_on_hyphens=False)  # not every mail program wraps plain text
_ASCII_BODIES = ReadableHeaders(linesep="\r\n", cte_type="7bit")  # not every server takes eight bits


def compose_mail(
    event: Event,
    template: str,
    *,
    sender: Address,
    product: str,
    brand_color: BrandColor,
    date: datetime,
    link: str = "",
) -> EmailMessage:
    """
    Compose the mail that tells a user of the event: `welcome`, `sign_up_link` or `already_registered`.

    Its Message-ID is made of the event id: a duplicate carries the same one, so that a mail program shows it once. Of
    what the person who signed up typed, the body holds a plausible name and nothing else: the mail may reach somebody
    who never signed up.

    Raises:
        UndeliverableError: The event's address cannot be a recipient.
    """
    name = plausible_name(event.name) if isinstance(event, UserCreated) else ""
    subject, text = (
        _TEMPLATES.get_template(f"{template}.{kind}").render(name=name, product=product, link=link).strip()
        for kind in ("subject.txt", "txt")
    )
    paragraphs = text.split("\n\n")
    html = _TEMPLATES.get_template("layout.html").render(
        subject=subject, paragraphs=paragraphs, product=product, brand_color=brand_color, link=link
    )
    mail = EmailMessage(policy=_ASCII_BODIES)
    mail["From"] = sender
    mail["To"] = _recipient(event.email)
    mail["Subject"] = subject
    mail["Date"] = date
    mail["Message-ID"] = f"<{event.event_id}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if trace_id := tracing.current_trace_id():
        mail["X-Trace-Id"] = trace_id
    mail.set_content("\n\n".join(map(_WRAPPER.fill, paragraphs)))
    mail.add_alternative(html, subtype="html")
    return mail


def _recipient(email: str) -> Address:
    user, _, domain = email.rpartition("@")
    # A mail program would decode an encoded word, into other recipients and headers.
    if not user or holds_encoded_word(user) or not user.isprintable():
        raise UndeliverableError("address_invalid")
    try:
        return Address(username=user, domain=idna.encode(domain, uts46=True).decode())
    except (ValueError, idna.IDNAError):
        raise UndeliverableError("address_invalid") from None
