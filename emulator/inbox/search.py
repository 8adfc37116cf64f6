"""
Mailpit's search filters, all but those for tags: https://mailpit.axllent.org/docs/usage/search-filters/

Mailpit passes over a date that it cannot read, and so finds more than was asked for. Here such a query is refused.
"""

import html
import re
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

from emulator.inbox.addresses import comparable
from emulator.inbox.mailbox import ReceivedMail
from emulator.inbox.mime import Address

Matches = Callable[[ReceivedMail], bool]

_TERM = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_LOOKS_LIKE_A_FILTER = re.compile(r"[-!]?[a-z][a-z-]*:(?!//)\S", re.IGNORECASE)
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s?(kb?|mb?|)", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024 * 1024}
_LINK = re.compile(r"""href\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)


class SearchError(Exception):
    """The query cannot be answered as intended. The text names the filter and says what it accepts."""


def read_search(query: str, *, zone: tzinfo | None = None, strict: bool = False) -> Matches:
    """
    What finds the mails that have every term of `query`, whatever their case.

    A term is a filter with its value, or a part of the mail's text; `-` or `!` before it finds the mails without it,
    and quotes keep spaces: `-subject:"welcome to"`. Dates without an offset are in `zone`, by default the system's.
    A blank term, such as `to:`, is passed over as Mailpit does, except where the query is `strict`.

    Raises:
        SearchError: A filter is not known or cannot read its value; a term is blank, or there is none, where it counts.
    """
    terms = [_term(term, zone) for term in _TERM.findall(query)]
    if strict and not (terms and all(terms)):
        raise SearchError("Every term of the query needs a value, such as to:ewan@example.com")
    return lambda mail: all(matches(mail) for matches in terms if matches)


def _term(quoted: str, zone: tzinfo | None) -> Matches | None:
    """What one term finds; nothing of a blank one."""
    term = quoted.replace('"', "").strip()
    excluded = len(term) > 1 and term[0] in "-!"
    wanted = term[excluded:]
    name, colon, value = wanted.partition(":")
    name = name.lower()
    matches: Matches | None
    if wanted.lower() in _STATES:
        matches = _STATES[wanted.lower()]
    elif colon and name in _FILTERS:
        searched = value.strip() if name == "subject" else _plain(value)
        matches = _filter(name, value.strip(), zone) if searched else None
    elif _LOOKS_LIKE_A_FILTER.match(quoted):
        unknown = wanted if name in ("is", "has") else f"{name}:"
        raise SearchError(f'Unknown filter {unknown}. To search for text that contains a colon, quote it: "{wanted}"')
    else:
        matches = _written(_plain(wanted)) if _plain(wanted) else None
    return (lambda mail: not matches(mail)) if excluded and matches else matches


def _filter(name: str, value: str, zone: tzinfo | None) -> Matches:
    if name in _ADDRESSES:
        return _addressed(_ADDRESSES[name], _plain(value))
    match name:
        case "subject":
            return lambda mail: value.casefold() in mail.content.subject.casefold()
        case "message-id":
            return lambda mail: _plain(value).casefold() in mail.content.message_id.casefold()
        case "after" | "before":
            moment = _moment(name, value, zone)
            return lambda mail: mail.received_at >= moment if name == "after" else mail.received_at <= moment
        case _:
            size = _size(name, value)
            return lambda mail: len(mail.raw) > size if name == "larger" else len(mail.raw) < size


def _written(wanted: str) -> Matches:
    addressed, folded = _addressed(_everyone, wanted), wanted.casefold()
    return lambda mail: folded in _text(mail).casefold() or addressed(mail)


def _everyone(mail: ReceivedMail) -> list[Address]:
    content = mail.content
    return [content.sender, *content.to, *content.cc, *mail.bcc, *content.reply_to]


def _addressed(addresses_of: Callable[[ReceivedMail], list[Address]], wanted: str) -> Matches:
    folded, in_one_form = wanted.casefold(), comparable(wanted)

    def matches(mail: ReceivedMail) -> bool:
        text = _plain(" ".join(f"{each.name} {each.address}" for each in addresses_of(mail)))
        return folded in text.casefold() or in_one_form in comparable(text)

    return matches


def _text(mail: ReceivedMail) -> str:
    content = mail.content
    written = html.unescape(re.sub(r"<[^<>]*>", " ", content.html))
    links = [html.unescape(link) for link in _LINK.findall(content.html)]
    names = [each.file_name for each in content.attachments]
    return _plain(" ".join([mail.mail_from, content.subject, content.text, written, *links, *names]))


def _plain(text: str) -> str:
    """Without the characters that Mailpit does not search for, and with single spaces."""
    return " ".join(re.sub(r'[<>",;()]', " ", text).split())


def _moment(name: str, text: str, zone: tzinfo | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text.upper().replace("/", "-"))
        if moment.tzinfo:
            return moment
        return moment.replace(tzinfo=zone) if zone else moment.astimezone()
    except (ValueError, OverflowError) as error:
        raise SearchError(f'The filter {name}: takes a date such as 2026-11-24 or "2026-11-24 10:00"') from error


def _size(name: str, text: str) -> float:
    if not (found := _SIZE.fullmatch(text)):
        raise SearchError(f"The filter {name}: takes a size such as 500, 20kb or 1.5mb")
    return float(found[1]) * _UNITS[found[2][:1].lower()]


_ADDRESSES: Mapping[str, Callable[[ReceivedMail], list[Address]]] = {
    "to": lambda mail: mail.content.to,
    "from": lambda mail: [mail.content.sender],
    "cc": lambda mail: mail.content.cc,
    "bcc": lambda mail: mail.bcc,
    "reply-to": lambda mail: mail.content.reply_to,
    "addressed": _everyone,
}
_FILTERS = {*_ADDRESSES, "subject", "message-id", "after", "before", "larger", "smaller"}


def _has_attachment(mail: ReceivedMail) -> bool:
    return any(not each.inline for each in mail.content.attachments)


def _has_inline(mail: ReceivedMail) -> bool:
    return any(each.inline for each in mail.content.attachments)


_STATES: Mapping[str, Matches] = {
    "is:read": lambda mail: mail.read,
    "is:unread": lambda mail: not mail.read,
    "has:attachment": _has_attachment,
    "has:attachments": _has_attachment,
    "has:inline": _has_inline,
    "has:inlines": _has_inline,
}
