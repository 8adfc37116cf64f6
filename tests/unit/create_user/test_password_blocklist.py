from pathlib import Path

import pytest

from create_user.password_blocklist import PasswordBlocklist


def test_common_passwords_come_with_the_function() -> None:
    assert "1q2w3e4r5t6y7u8i9o0p" in PasswordBlocklist.common()
    assert "plum tractor violet harbour" not in PasswordBlocklist.common()


def test_another_file_takes_its_place(tmp_path: Path) -> None:
    file = tmp_path / "passwords.txt"
    file.write_text("plum tractor\nülümülüm\n", "utf-8")

    blocklist = PasswordBlocklist.parse(str(file))

    assert "Plum TractorPLUM TRACTOR" in blocklist
    assert "U\N{COMBINING DIAERESIS}LÜMÜLÜM" in blocklist
    assert "1q2w3e4r5t6y7u8i9o0p" not in blocklist


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_file_that_cannot_be_read_is_refused_without_quoting_its_path(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "canary.txt"
    if content:
        file.write_bytes(content)

    with pytest.raises(ValueError, match="text file in UTF-8") as refusal:
        PasswordBlocklist.parse(str(file))

    assert "canary" not in str(refusal.value)
