"""One form to compare addresses in: mail servers are given a domain as `xn--bcher-kva.de`, people type `bücher.de`."""

import re
from unicodedata import normalize

_ENCODED_LABEL = re.compile(r"(?<![\w-])xn--([a-z0-9-]{1,59})(?![\w-])")


def comparable(text: str) -> str:
    """
    The text without the differences that make no other address: case, composition, domains in Punycode.

    Works on an address, on a part of one and on a text with several. Case is folded character by character, so
    `straße.de` and `strasse.de`, which are two domains, stay two.
    """
    return _folded(_ENCODED_LABEL.sub(_decoded, _folded(text)))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()  # the same, and quick: the inbox compares every mail's addresses with each search
    return normalize("NFC", "".join(_folded_character(each) for each in normalize("NFC", text)))


def _folded_character(character: str) -> str:
    folded = character.casefold()
    return folded if len(folded) == 1 else character.lower()


def _decoded(label: re.Match[str]) -> str:
    try:
        return label[1].encode().decode("punycode")
    except UnicodeError:
        return label[0]
