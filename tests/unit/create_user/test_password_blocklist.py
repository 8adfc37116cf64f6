from pathlib import Path

import pytest

from create_user.easy_passwords import is_easily_guessed
from create_user.password_blocklist import PasswordBlocklist
from create_user.password_spelling import folded


def guessed(password: str, blocklist: PasswordBlocklist) -> bool:
    return is_easily_guessed(folded(password), blocklist)


def test_common_passwords_come_with_the_function() -> None:
    assert guessed("christopher1990", PasswordBlocklist.common())
    assert not guessed("plum tractor violet harbour", PasswordBlocklist.common())


@pytest.mark.parametrize("word", ["dragon", "letmein", "admin", "welcome", "abc123", "love"])
def test_common_password_that_is_too_short_by_itself_counts_when_it_is_repeated(word: str) -> None:
    assert guessed(word * 3, PasswordBlocklist.common())


def test_another_file_takes_the_place_of_the_list_but_not_of_the_famous_passphrases(tmp_path: Path) -> None:
    file = tmp_path / "passwords.txt"
    file.write_text("plum tractor violet harbour\nülümülüm\n", "utf-8")

    blocklist = PasswordBlocklist.parse(str(file))

    assert guessed("Plum-Tractor Violet Harbour!", blocklist)
    assert guessed("U\N{COMBINING DIAERESIS}LÜMÜLÜM12345678", blocklist)
    assert guessed("correcthorsebatterystaple", blocklist)
    assert not guessed("christopher1990", blocklist)


def test_short_words_of_another_file_make_no_others_common(tmp_path: Path) -> None:
    file = tmp_path / "passwords.txt"
    file.write_text("a\nox\nsun\n...\n")

    blocklist = PasswordBlocklist.parse(str(file))

    assert not any(guessed(password, blocklist) for password in ("8392 a174 8362 910", "sun 839 201 748 ox"))


def test_file_may_come_from_another_system(tmp_path: Path) -> None:
    file = tmp_path / "passwords.txt"
    file.write_bytes(b"\xef\xbb\xbfplum tractor \r\n\r\n\tviolet harbour\r\n")

    blocklist = PasswordBlocklist.parse(str(file))

    assert guessed("plum tractor", blocklist)
    assert guessed("violet harbour", blocklist)
    assert not guessed("tractor violet\n", blocklist)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"\n \n"])
def test_file_that_cannot_be_read_is_refused_without_quoting_its_path(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "canary.txt"
    if content:
        file.write_bytes(content)

    with pytest.raises(ValueError, match="UTF-8 text file") as refusal:
        PasswordBlocklist.parse(str(file))

    assert "canary" not in str(refusal.value)
