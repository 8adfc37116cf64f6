"""What Mailpit's REST API v1 calls things: its JSON, field by field."""

import hashlib
import html
import re

from emulator.inbox.mailbox import ReceivedMail
from emulator.inbox.mime import Address, Attachment, Content

_SNIPPET_CHARACTERS = 200


def messages_summary(
    page: list[ReceivedMail], *, start: int, found: list[ReceivedMail], held: list[ReceivedMail]
) -> object:
    """Mailpit's MessagesSummary: a page of the mails `found` among all those `held`."""
    return {
        "total": len(held),
        "unread": _unread(held),
        "count": len(page),
        "messages_count": len(found),
        "messages_unread": _unread(found),
        "start": start,
        "tags": [],
        "messages": [_message_summary(mail) for mail in page],
    }


def message(mail: ReceivedMail) -> object:
    """Mailpit's Message."""
    content = mail.content
    return _common(mail) | {
        "ReturnPath": mail.mail_from,
        "ListUnsubscribe": {"Header": "", "Links": [], "Errors": "", "HeaderPost": ""},
        "Date": (content.date or mail.received_at).isoformat(),
        "Text": content.text,
        "HTML": content.html,
        "Inline": [_attachment(each) for each in content.attachments if each.inline],
        "Attachments": [_attachment(each) for each in content.attachments if not each.inline],
    }


def headers(mail: ReceivedMail) -> object:
    """Mailpit's MessageHeaders: every value of every header, under names like `Message-Id`."""
    values: dict[str, list[str]] = {}
    for name, value in mail.content.headers:
        values.setdefault("-".join(word.capitalize() for word in name.split("-")), []).append(value)
    return values


def _message_summary(mail: ReceivedMail) -> dict[str, object]:
    return _common(mail) | {
        "Read": mail.read,
        "Created": mail.received_at.isoformat(),
        "Attachments": sum(not each.inline for each in mail.content.attachments),
        "Snippet": _snippet(mail.content),
    }


def _common(mail: ReceivedMail) -> dict[str, object]:
    content = mail.content
    return {
        "ID": mail.id,
        "MessageID": content.message_id,
        "From": _address(content.sender),
        "To": [_address(each) for each in content.to],
        "Cc": [_address(each) for each in content.cc],
        "Bcc": [_address(each) for each in mail.bcc],
        "ReplyTo": [_address(each) for each in content.reply_to],
        "Subject": content.subject,
        "Username": "",
        "Tags": [],
        "Size": len(mail.raw),
    }


def _address(address: Address) -> object:
    return {"Name": address.name, "Address": address.address}


def _attachment(attachment: Attachment) -> object:
    return {
        "PartID": attachment.part_id,
        "FileName": attachment.file_name,
        "ContentType": attachment.content_type,
        "ContentID": attachment.content_id,
        "Size": len(attachment.content),
        "Checksums": {
            name.upper(): hashlib.new(name, attachment.content, usedforsecurity=False).hexdigest()
            for name in ("md5", "sha1", "sha256")
        },
    }


def _snippet(content: Content) -> str:
    text = " ".join((content.text or html.unescape(re.sub(r"<[^<>]*>", " ", content.html))).split())
    return text if len(text) <= _SNIPPET_CHARACTERS else text[:_SNIPPET_CHARACTERS] + "..."


def _unread(mails: list[ReceivedMail]) -> int:
    return sum(not mail.read for mail in mails)
