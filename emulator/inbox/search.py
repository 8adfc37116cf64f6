"""Mailpit's search filters, the part that tests use."""

import re

from emulator.inbox.mime import Address, Content

_TERM = re.compile(r'(?:[^\s"]|"[^"]*"?)+')


def matches(query: str, content: Content) -> bool:
    """
    Whether the mail has every term of `query`, whatever their case.

    A term is `to:`, `from:`, `subject:` or `message-id:` with a part of that field, or a part of a word from anywhere
    in the mail; quotes keep spaces: `subject:"welcome to"`.
    """
    return all(_has(term.replace('"', "").casefold(), content) for term in _TERM.findall(query))


def _has(term: str, content: Content) -> bool:
    match term.split(":", maxsplit=1):
        case ["to", wanted]:
            return wanted in _text(content.to)
        case ["from", wanted]:
            return wanted in _text([content.sender])
        case ["subject", wanted]:
            return wanted in content.subject.casefold()
        case ["message-id", wanted]:
            return wanted.strip("<>") in content.message_id.casefold()
        case _:
            addresses = [content.sender, *content.to, *content.cc, *content.bcc, *content.reply_to]
            return term in f"{_text(addresses)} {content.subject} {content.text} {content.html}".casefold()


def _text(addresses: list[Address]) -> str:
    return " ".join(f"{each.name} {each.address}" for each in addresses).casefold()
