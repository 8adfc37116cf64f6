import pytest

from create_user.password_policy import PasswordPolicy, PasswordRefusedError

POLICY = PasswordPolicy(minimum_length=15)


@pytest.mark.parametrize(
    "password", ["a" * 15, "a" * 256, " " * 15, "\0" * 15, "\N{SNOWMAN}" * 256, "\N{GRINNING FACE}" * 15]
)
def test_any_characters_of_the_right_number_are_accepted(password: str) -> None:
    POLICY.check(password)


@pytest.mark.parametrize(
    ("password", "code", "message"),
    [
        ("a" * 12, "too-short", "needs 15 characters, has 12"),
        ("a" * 14, "too-short", "needs 15 characters, has 14"),
        ("\N{GRINNING FACE}" * 14, "too-short", "needs 15 characters, has 14"),
        ("a" * 257, "too-long", "may have 256 characters, has 257"),
    ],
)
def test_refusal_says_how_many_characters_there_are(password: str, code: str, message: str) -> None:
    with pytest.raises(PasswordRefusedError) as refusal:
        POLICY.check(password)

    assert (refusal.value.code, str(refusal.value)) == (code, message)


def test_combined_characters_count_once() -> None:
    u_and_diaeresis = "u\N{COMBINING DIAERESIS}"

    with pytest.raises(PasswordRefusedError, match="has 14"):
        POLICY.check(u_and_diaeresis * 14)
    POLICY.check(u_and_diaeresis * 256)


def test_refusal_never_quotes_the_password() -> None:
    with pytest.raises(PasswordRefusedError) as refusal:
        POLICY.check("canary")

    assert "canary" not in repr(refusal.value)
