"""Reads a received mail, however malformed: nothing in it makes reading fail."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy
from typing import Any, cast

# The email package promises to raise nothing on malformed mail; these are what it raises all the same.
_UNREADABLE = (LookupError, ValueError, AttributeError, TypeError, AssertionError, RecursionError, MessageError)
# Python's header parsers take time quadratic in the length: at worst half a second at this one, minutes at a megabyte.
_LONGEST_HEADER_CHARACTERS = 5_000
# Of the blanks between two encoded words nothing is shown; Python's parser of addresses shows one.
_BETWEEN_ENCODED_WORDS = re.compile(r"(?<=\?=)\s+(?==\?[^?\s]+\?[bq]\?)", re.IGNORECASE)


class _ForgivingPolicy(EmailPolicy):
    """The email package's default, except that a header it cannot parse is plain text, and an absurdly long one cut."""

    def header_fetch_parse(self, name: str, value: str) -> Any:  # noqa: ANN401 -- the base class's own type
        text = _unfolded(value)
        if len(text) > _LONGEST_HEADER_CHARACTERS:
            return text[:_LONGEST_HEADER_CHARACTERS]
        try:
            return super().header_fetch_parse(name, _BETWEEN_ENCODED_WORDS.sub("", text))
        except _UNREADABLE:
            return text


_POLICY = cast("EmailPolicy[EmailMessage]", _ForgivingPolicy())  # generic for the type checker only


@dataclass(frozen=True)
class Address:
    """A mailbox of an address header; a header that is not a list of addresses is a name without an address."""

    name: str
    address: str


@dataclass(frozen=True)
class Attachment:
    """A part that is not the mail's text; `part_id` counts the parts from 1."""

    part_id: str
    file_name: str
    content_type: str
    content_id: str
    inline: bool
    content: bytes


@dataclass(frozen=True)
class Content:
    """What a mail says; what it does not say is empty. `headers` are as sent, only unfolded."""

    headers: list[tuple[str, str]]
    message_id: str
    subject: str
    sender: Address
    to: list[Address]
    cc: list[Address]
    bcc: list[Address]
    reply_to: list[Address]
    date: datetime | None
    text: str
    html: str
    attachments: list[Attachment]


def read_mail(raw: bytes) -> Content:
    """What the mail says; of a mail nested beyond reading, the headers and, as its text, all the rest."""
    try:
        return _content(message_from_bytes(raw, policy=_POLICY))
    except _UNREADABLE:
        return _content(BytesHeaderParser(policy=_POLICY).parsebytes(raw))


def _content(message: EmailMessage) -> Content:
    leaves = [part for part in message.walk() if not part.is_multipart()]
    bodies = [part for part in leaves if _is_body(part)]
    return Content(
        headers=[(name, _unfolded(value)) for name, value in message.raw_items()],
        message_id=str(message.get("Message-ID", "")).strip("<> "),
        subject=str(message.get("Subject", "")),
        sender=next(iter(_addresses(message, "From")), Address("", "")),
        to=_addresses(message, "To"),
        cc=_addresses(message, "Cc"),
        bcc=_addresses(message, "Bcc"),
        reply_to=_addresses(message, "Reply-To"),
        date=_date(message),
        text="".join(_text(part) for part in bodies if part.get_content_type() != "text/html"),
        html="".join(_text(part) for part in bodies if part.get_content_type() == "text/html"),
        attachments=[_attachment(str(n), part) for n, part in enumerate(leaves, start=1) if not _is_body(part)],
    )


def _is_body(part: EmailMessage) -> bool:
    # A multipart that is a leaf was not recognised as one: it has no parts, only text.
    readable = part.get_content_type() in ("text/plain", "text/html") or part.get_content_maintype() == "multipart"
    return readable and part.get_content_disposition() != "attachment" and not part.get_filename()


def _unfolded(value: str) -> str:
    """The header as one line; its 8-bit bytes, which the parser hands over as surrogates, read as UTF-8."""
    return "".join(value.splitlines()).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _addresses(message: EmailMessage, name: str) -> list[Address]:
    header = message.get(name, "")
    parsed = [Address(each.display_name, each.addr_spec) for each in getattr(header, "addresses", ())]
    return parsed or ([Address(str(header), "")] if header else [])


def _date(message: EmailMessage) -> datetime | None:
    date: datetime | None = getattr(message.get("Date"), "datetime", None)
    return date.replace(tzinfo=UTC) if date and date.tzinfo is None else date


def _bytes(part: EmailMessage) -> bytes:
    return cast("bytes", part.get_payload(decode=True))


def _text(part: EmailMessage) -> str:
    try:
        return _bytes(part).decode(part.get_content_charset("utf-8"), "replace")
    except _UNREADABLE:
        return _bytes(part).decode("utf-8", "replace")


def _attachment(part_id: str, part: EmailMessage) -> Attachment:
    return Attachment(
        part_id=part_id,
        file_name=part.get_filename(""),
        content_type=part.get_content_type(),
        content_id=str(part.get("Content-ID", "")).strip("<> "),
        inline=part.get_content_disposition() == "inline",
        content=_bytes(part),
    )
