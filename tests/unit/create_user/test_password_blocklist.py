from pathlib import Path

import pytest

from create_user.password_blocklist import PasswordBlocklist


def test_common_passwords_come_with_the_function() -> None:
    assert "1q2w3e4r5t6y7u8i9o0p" in PasswordBlocklist.common()
    assert "plum tractor violet harbour" not in PasswordBlocklist.common()


@pytest.mark.parametrize("word", ["dragon", "letmein", "admin", "welcome", "abc123", "love"])
def test_common_password_that_is_too_short_by_itself_counts_when_it_is_repeated(word: str) -> None:
    assert word * 3 in PasswordBlocklist.common()


@pytest.mark.parametrize(
    "run",
    [
        "123456789012345",
        "0987654321098765",
        "abcdefghijklmnop",
        "QwertyuiopAsdfghjkl",
        "zyxwvutsrqponml",
        "1qaz2wsx3edc4rfv",
        "qwertyuiop12345",
    ],
)
def test_run_of_digits_of_the_alphabet_or_along_the_keyboard_is_common(run: str) -> None:
    assert run in PasswordBlocklist.common()


def test_common_passwords_one_below_the_other_are_no_common_password(tmp_path: Path) -> None:
    file = tmp_path / "passwords.txt"
    file.write_text("dragon\nletmein\n")

    blocklist = PasswordBlocklist.parse(str(file))

    assert "dragon\nletmein" not in blocklist
    assert "letmein\ndragon" not in blocklist


def test_another_file_takes_its_place(tmp_path: Path) -> None:
    file = tmp_path / "passwords.txt"
    file.write_text("plum tractor\nülümülüm\n", "utf-8")

    blocklist = PasswordBlocklist.parse(str(file))

    assert "Plum TractorPLUM TRACTOR" in blocklist
    assert "U\N{COMBINING DIAERESIS}LÜMÜLÜM" in blocklist
    assert "1q2w3e4r5t6y7u8i9o0p" not in blocklist


def test_file_may_come_from_another_system(tmp_path: Path) -> None:
    file = tmp_path / "passwords.txt"
    file.write_bytes(b"\xef\xbb\xbfplum tractor \r\n\r\n\tviolet harbour\r\n")

    blocklist = PasswordBlocklist.parse(str(file))

    assert "plum tractor" in blocklist
    assert "violet harbour" in blocklist


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"\n \n"])
def test_file_that_cannot_be_read_is_refused_without_quoting_its_path(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "canary.txt"
    if content:
        file.write_bytes(content)

    with pytest.raises(ValueError, match="text file in UTF-8") as refusal:
        PasswordBlocklist.parse(str(file))

    assert "canary" not in str(refusal.value)
