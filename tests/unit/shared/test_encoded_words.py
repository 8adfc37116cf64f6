from email import _header_value_parser as parser  # what writes and reads our headers
from email.errors import HeaderParseError
from email.header import ecre  # type: ignore[attr-defined]  # what decode_header looks for

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.texts.encoded_words import holds_encoded_word


@pytest.mark.parametrize(
    "text",
    [
        "=?utf-8?q?=0d=0aBcc=3aall?=",
        "ewan=?UTF-8?B?ZXdhbg==?=",
        "a.=?x?Q?_?=.b",
        "=??q?no_charset?=",
        "=?utf-8?b??=",
        "=?utf-8*en?q?a?b?=",
        "=?utf-8?q?=41",
    ],
)
def test_encoded_word_is_recognised_wherever_it_is(text: str) -> None:
    assert holds_encoded_word(text)


@pytest.mark.parametrize(
    "text", ["", "a=?b", "=?=", "a?=b=?c", "=?utf-8?q?", "=?utf-8?x?text?=", "=?utf-8?q?text", "q?text?="]
)
def test_what_only_looks_like_the_beginning_of_one_is_none(text: str) -> None:
    assert not holds_encoded_word(text)


@given(st.lists(st.sampled_from(["=?", "?=", "?q?", "?", "=", "B", "41", "x", "."]), max_size=12).map("".join))
@settings(max_examples=500)
def test_whatever_pythons_mail_parsers_decode_is_recognised(text: str) -> None:
    is_decoded = ecre.search(text) or any(begins_with_encoded_word(text[start:]) for start in range(len(text)))

    assert holds_encoded_word(text) or not is_decoded


def begins_with_encoded_word(text: str) -> bool:
    try:
        parser.get_encoded_word(text)
    except HeaderParseError:
        return False
    return True
