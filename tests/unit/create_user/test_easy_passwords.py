import random
import string
from itertools import product
from pathlib import Path

import pytest

from create_user.easy_passwords import is_easily_guessed
from create_user.password_blocklist import PasswordBlocklist
from create_user.password_spelling import folded

COMMON = PasswordBlocklist.common()
WELL_KNOWN = Path(__file__).with_name("well_known_passwords.txt")
WORDS = Path(__file__).with_name("words.txt").read_text("utf-8").split()


def guessed(password: str) -> bool:
    return is_easily_guessed(folded(password), COMMON)


@pytest.mark.parametrize(
    "password",
    [
        "password1234567",
        "1990-Password-!",
        "p455w0rd p455w0rd",
        "Passw0rd!Passw0rd!",
        "dragon1Dragon2DRAGON3",
        "p4ssw0rd1 Passw0rd2 password3",
        "b4s3b4ll........",
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44 ......",
        "pass\N{BRAILLE PATTERN BLANK}word" + "\N{HANGUL FILLER}" * 7,
    ],
)
def test_listed_word_is_refused_once_and_repeated_among_digits_signs_and_blanks(password: str) -> None:
    assert guessed(password)


@pytest.mark.parametrize(
    "password", ["football football", "Football-1990-m0nkey!", "princess_$unshine", "monkeydragon123", "bigdogmountain"]
)
def test_two_listed_words_are_refused(password: str) -> None:
    assert guessed(password)


@pytest.mark.parametrize(
    "password",
    [
        "1234567891011121",
        "10099989796959493",
        "102030405060708",
        "qwertyuiopasdfgh",
        "1qaz2wsx3edc4rfv",
        "!QAZ2wsx#EDC4rfv",
        "1q2w3e4r5t6y7u8i",
        "Abcdefghijklmnop!",
        "zyx wvu tsr qpo nml",
        "1122334455667788",
        "azertyuiopqsdfgh",
        "йцукенгшщзхъфыва",
        "1990-1991-1992-1993",
    ],
)
def test_run_of_the_alphabet_of_numbers_or_along_a_keyboard_is_refused(password: str) -> None:
    assert guessed(password)


@pytest.mark.parametrize(
    "password",
    [
        " " * 15,
        "\0" * 15,
        " \t\0\u3000" * 5,
        "abcabcabcabcabc",
        "x-7!x-7!x-7!x-7",
        "x7k!x7k!x7k!x7k!2026",
        "2026-11-28 2026-11-28",
        " " * 8 + "kq7" + " " * 8,
        "k        q       7",
        "\N{HANGUL FILLER}" * 8 + "kq7" + "\N{TAG SPACE}" * 8,
        "\ufdfa" * 20,
    ],
)
def test_short_pattern_is_refused_and_what_blanks_make_longer(password: str) -> None:
    assert guessed(password)


@pytest.mark.parametrize(
    "password",
    ["correcthorsebatterystaple", "C0rrect-Horse, Battery Staple!1", "May the Force be with you.", "tobeornottobe1234"],
)
def test_famous_passphrase_is_refused(password: str) -> None:
    assert guessed(password)


@pytest.mark.parametrize(
    "password",
    [
        "plum tractor violet harbour",
        "Ёжик в тумане несёт узелок",
        "football monkey walnut",  # two listed words and a third
        "footballwalnutmonkey",
        "big dog mountain",
        "my correct horse battery staple",  # famous, and more
        "abc8x2kfabc9q1zw",
        "qwerty harbour 12345",
        "k4t 839201748362",
        "\N{HEDGEHOG}\N{FOGGY}\N{BEAR FACE}\N{HONEY POT}\N{SNOWMAN}\N{MAPLE LEAF}\N{OWL}dragon\N{FOX FACE}",
        "正確馬電池必須充電後再使用它們",
    ],
)
def test_what_is_more_than_that_is_accepted(password: str) -> None:
    assert not guessed(password)


def test_thousand_random_passphrases_are_accepted() -> None:
    chance = random.Random(0)  # noqa: S311  # the same ones each time
    shapes = list(product([3, 4, 5], [" ", "-", "", " 1 "]))
    passphrases = [separator.join(chance.sample(WORDS, words)) for words, separator in shapes * 84]

    assert [passphrase for passphrase in passphrases if guessed(passphrase)] == []


@pytest.mark.parametrize(
    "characters",
    [
        string.ascii_letters + string.digits + string.punctuation,
        string.ascii_letters + string.digits,
        string.digits,
        string.punctuation,
    ],
)
def test_random_passwords_are_accepted(characters: str) -> None:
    chance = random.Random(0)  # noqa: S311  # the same ones each time
    passwords = ["".join(chance.choices(characters, k=length)) for length in (15, 16, 20) for _ in range(1200)]

    assert [password for password in passwords if guessed(password)] == []


def test_most_well_known_passwords_are_refused() -> None:
    passwords = WELL_KNOWN.read_text("utf-8").splitlines()

    refused = [password for password in passwords if guessed(password)]

    assert all(len(password) >= 15 for password in passwords)
    assert (len(refused), len(passwords)) == (402, 438)  # docs/data.md names these


class CountedWords:
    """Holds all that begins with an `a`, so that there is much to look up."""

    looked_up = 0

    def __contains__(self, word: str) -> bool:
        self.looked_up += 1
        return word.startswith("a")


@pytest.mark.parametrize(
    "password", ["111" + "axbycz" * 30 + "!?" + "aqbwce" * 12 + "999", "1a1" * 40 + "x" + "2b2a" * 33]
)
def test_number_of_look_ups_is_bounded(password: str) -> None:
    words = CountedWords()

    is_easily_guessed(folded(password), words)

    assert words.looked_up <= 200
