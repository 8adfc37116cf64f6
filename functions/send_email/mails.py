"""Composes mails from templates/: a text for each, and one layout that shows it as HTML."""

from binascii import b2a_qp
from datetime import datetime
from email.headerregistry import Address
from email.utils import format_datetime
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
from .mail import Mail
from .mail_headers import mailbox_header, text_header

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # or each mail looks for changed files
)
_WRAPPER = TextWrapper(72, break_long_words=False, break_on_hyphens=False)  # not every mail program wraps plain text
_BOUNDARY = "=_alternative"  # in no body: quoted-printable never has `=_`


def compose_mail(
    event: Event,
    template: str,
    *,
    sender: Address,
    product: str,
    brand_color: BrandColor,
    date: datetime,
    link: str = "",
) -> Mail:
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
    recipient, trace_id = _recipient(event.email), tracing.current_trace_id()
    headers = (
        mailbox_header("From", sender),
        mailbox_header("To", recipient),
        text_header("Subject", subject),
        f"Date: {format_datetime(date)}",
        f"Message-ID: <{event.event_id}@{sender.domain}>",
        "Auto-Submitted: auto-generated",
        *([f"X-Trace-Id: {trace_id}"] if trace_id else []),
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"',
    )
    plain = _part("plain", "\n\n".join(map(_WRAPPER.fill, paragraphs)))
    content = "\r\n".join((*headers, "", plain, _part("html", html), f"--{_BOUNDARY}--", ""))
    return Mail(sender=sender, recipient=recipient, content=content.encode())


def _part(kind: str, text: str) -> str:
    """Quoted-printable, because not every server takes eight bits or long lines."""
    encoded = b2a_qp(text.replace("\n", "\r\n").encode()).decode()
    headers = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
    return f"--{_BOUNDARY}\r\n{headers}\r\n\r\n{encoded}"


def _recipient(email: str) -> Address:
    user, _, domain = email.rpartition("@")
    # A mail program would decode an encoded word, into other recipients and headers.
    if not user or holds_encoded_word(user) or not user.isprintable():
        raise UndeliverableError("address_invalid")
    try:
        return Address(username=user, domain=idna.encode(domain, uts46=True).decode())
    except (ValueError, idna.IDNAError):
        raise UndeliverableError("address_invalid") from None
