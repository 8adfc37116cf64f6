import unicodedata
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.users.address_key import address_key, is_one_of_many, mailbox_id, reservation_id

SIGMA = "\N{GREEK SMALL LETTER SIGMA}"
LONG_S = "\N{LATIN SMALL LETTER LONG S}"
DOTLESS_I = "\N{LATIN SMALL LETTER DOTLESS I}"
ODD_ONES = f"{SIGMA}ςΣ{LONG_S}ßẞ{DOTLESS_I}İᾳǰΐ\u0301\u0308\u030c\u0345"
ADDRESSES = st.text(st.characters(exclude_categories=["Cs", "Cn"]) | st.sampled_from(ODD_ONES))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ewan.Valentine@example.com", "EWAN.valentine@example.com"),
        (f"{SIGMA}1@example.com", "ς1@example.com"),
        ("νίκος.παπάς@example.com", "ΝΊΚΟΣ.ΠΑΠΆΣ@example.com"),
        (f"o{LONG_S}t@example.com", "OST@example.com"),
        ("straße@example.com", "STRAẞE@example.com"),
        ("ᾳ@example.com", "ᾼ@example.com"),
        ("ῶ@example.com", "ῶ@example.com".upper()),
        ("ǰ@example.com", "J\N{COMBINING CARON}@example.com"),
        ("ΐ@example.com", "\N{GREEK SMALL LETTER IOTA WITH DIALYTIKA AND OXIA}@example.com"),
        ("\ufb05@example.com", "\ufb06@example.com"),
        ("\N{CHEROKEE SMALL LETTER YA}@example.com", "\N{CHEROKEE LETTER YA}@example.com"),
        ("𐐨@example.com", "𐐀@example.com"),
    ],
)
def test_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("straße@example.com", "strasse@example.com"),
        (f"{DOTLESS_I}@example.com", "i@example.com"),
        ("İ@example.com", "i@example.com"),
        ("İ@example.com", "i\N{COMBINING DOT ABOVE}@example.com"),
        ("ewan+news@example.com", "ewan@example.com"),
        ("e.wan@example.com", "ewan@example.com"),
        ("müller@example.com", "mueller@example.com"),
        ("ﬁ@example.com", "fi@example.com"),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}@example.com", "a@example.com"),
    ],
)
def test_addresses_that_differ_in_more_than_case_have_two(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@given(ADDRESSES)
def test_key_depends_neither_on_composition_nor_on_being_a_key_already(address: str) -> None:
    key = address_key(address)

    assert address_key(unicodedata.normalize("NFD", address)) == key
    assert address_key(key) == key


@given(ADDRESSES, ADDRESSES)
def test_key_of_a_part_does_not_depend_on_what_is_beside_it(one: str, other: str) -> None:
    assert address_key(f"{one}@{other}") == f"{address_key(one)}@{address_key(other)}"


def test_key_of_an_ascii_address_is_the_address_in_lower_case() -> None:
    everything = "".join(map(chr, range(128)))

    assert address_key(everything) == everything.lower()


def test_key_of_each_letter_is_the_same_on_every_python() -> None:
    """By CaseFolding.txt of Unicode 14 (C and S) and, of the ligatures, 15.1: a stored key must not change."""
    letters = [*range(0x590), *range(0x1E00, 0x2000), *range(0xFB00, 0xFB07)]
    keys = "\n".join(address_key(chr(letter)) for letter in letters)

    assert sha256(keys.encode()).hexdigest() == "ba481399cea06ae28467cee2d43f69ab16224de18119a684d05c2cecc6f0928f"


def test_mails_are_counted_in_capital_and_small_letters_and_apart_from_what_arrives_elsewhere() -> None:
    for address in ("Ewan@example.com", "STRAẞE@example.com", "ΕΎΑ@example.com", "ǰ@example.com", "𐐀@example.com"):
        assert mailbox_id(address) == mailbox_id(address_key(address)) == reservation_id(address)
        assert not is_one_of_many(address)
    for odd in (
        f"{LONG_S}",
        "ς",
        "µ",
        "ϑ",
        "\N{CYRILLIC SMALL LETTER ROUNDED VE}",
        "\N{COMBINING GREEK YPOGEGRAMMENI}",
    ):
        address = f"e{odd}n@example.com"
        assert mailbox_id(address) != mailbox_id(address_key(address))
        assert is_one_of_many(address) == (odd != "ς")
