"""Recognises encoded words (RFC 2047), which a mail program decodes wherever it meets them in a header."""

import re

_HEAD = re.compile(r"=\?[^?]*\?[bq](?=\?)", re.IGNORECASE)


def holds_encoded_word(text: str) -> bool:
    """
    Whether a part of the text is an encoded word: `=?charset?q?text?=` or `=?charset?b?text?=`.

    As lenient as Python's own parsers: charset and text may be empty, the text may have question marks, and after an
    escape (`=?charset?q?=41`) the end may be missing.
    """
    head = _HEAD.search(text)
    return head is not None and "?=" in text[head.end() :]
