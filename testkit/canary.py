"""What must not leak: in tests all secrets and personal data contain one word, which can be searched for."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator

CANARY = "canary"
PASSWORD = "canary tractor violet harbour"
PEPPERS = "1:canary-pepper-that-protects-nothing-0000"
LINK_KEYS = "1:canary-link-key-that-protects-nothing-00"
SMTP_PASSWORD = "canary-smtp-password"
SMS_AUTH_TOKEN = "canary-sms-token"
BCRYPT_HASH = "$2b$"
NAME = "Ewan Canary"
COMPANY = "Canary Mines"
# What each of them is recognised by.
KINDS = {
    "password": PASSWORD[:14],
    "pepper": PEPPERS[2:15],
    "link key": LINK_KEYS[2:17],
    "token": "WyJzaWduLXVwIi",  # as each begins: its purpose comes first
    "SMTP password": SMTP_PASSWORD[:11],
    "SMS token": SMS_AUTH_TOKEN[:11],
    "hash": f"{BCRYPT_HASH}1",  # and the second digit of its rounds
    "name": NAME,
    "company": COMPANY,
    "address": "@canary.example",
}

_SOFT_BREAK = r"(?:=\r?\n)?"


def _forms(text: str) -> Iterator[str]:
    """Patterns for the text as it is, percent-encoded, quoted-printable, escaped in JSON, in hexadecimal, in base64."""
    characters = (
        rf"(?:{re.escape(each)}|(?:[%=]|\\u00)?(?:{ord(each.lower()):02x}|{ord(each.upper()):02x}))" for each in text
    )
    yield f"(?i:{_SOFT_BREAK.join(characters)})".replace(r"\ ", "[ _+]")
    for spelling in {text, text.capitalize()}:
        for offset in range(3):
            encoded = b64encode(bytes(offset) + spelling.encode()).decode()
            yield re.escape(encoded[-(-offset * 4 // 3) : (offset + len(text)) * 4 // 3])


_KINDS = {kind: re.compile("|".join(_forms(text))) for kind, text in KINDS.items()}
_ANY = re.compile("|".join([*_forms(CANARY), *_forms(KINDS["hash"]), *_forms(KINDS["token"])]))


def kinds_in(text: str) -> set[str]:
    """The kinds of secrets and personal data that occur in the text, in whatever encoding."""
    return {kind for kind, pattern in _KINDS.items() if pattern.search(text)}


def leaks(lines: Iterable[str]) -> list[str]:
    """The lines that hold a password, a hash, a pepper, a token, an address or a name."""
    return [line for line in lines if _ANY.search(line)]
