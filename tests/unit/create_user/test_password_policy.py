import pytest

from create_user.password_blocklist import PasswordBlocklist
from create_user.password_policy import PasswordPolicy, PasswordRefusedError

POLICY = PasswordPolicy(minimum_length=15, product_name="Usher", blocklist=PasswordBlocklist.common())
PERSONAL = {"your name": "Ewan", "your address": "wolf@example.com", "the beginning of your address": "wolf"}


def refusal_of(password: str) -> tuple[str, str]:
    with pytest.raises(PasswordRefusedError) as refusal:
        POLICY.check(password, PERSONAL)
    return refusal.value.code, str(refusal.value)


@pytest.mark.parametrize(
    "password",
    [
        "a sentence of w",
        "ab" + "c" * 254,
        " " * 15,
        "\0" * 15,
        "\N{SNOWMAN}" * 256,
        "\N{GRINNING FACE}" * 15,
        "Ёжик в тумане несёт узелок малинового варенья друзьям медвежатам",
        "\N{HEDGEHOG}\N{FOGGY}\N{BEAR FACE}\N{HONEY POT}" * 16,
    ],
)
def test_any_characters_of_the_right_number_are_accepted(password: str) -> None:
    POLICY.check(password, PERSONAL)


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
    assert refusal_of(password) == (code, message)


def test_combined_characters_count_once() -> None:
    u_and_diaeresis = "u\N{COMBINING DIAERESIS}"

    assert refusal_of(u_and_diaeresis * 14) == ("too-short", "needs 15 characters, has 14")
    POLICY.check(u_and_diaeresis * 256, PERSONAL)


def test_refusal_never_quotes_the_password() -> None:
    for password in ("canary", "canary" * 50):
        assert "canary" not in repr(refusal_of(password))


@pytest.mark.parametrize(
    "password",
    ["1q2w3e4r5t6y7u8i", "1Q2W3E4R5T6Y7U8I", "password1Password1", "a" * 15, "\N{FULLWIDTH DIGIT ONE}" * 15],
)
def test_common_password_is_refused_in_any_case_and_repeated(password: str) -> None:
    assert refusal_of(password) == ("too-common", "is one that attackers try first, or such a one repeated")


@pytest.mark.parametrize(
    ("password", "what"),
    [
        ("ewanEWANewanEwan", "your name"),
        ("Wolf@Example.com", "your address"),
        ("wolfwolfwolfwolf", "the beginning of your address"),
        ("usherUsherusher", "the name of this service"),
    ],
)
def test_what_is_known_of_the_owner_or_the_service_is_refused(password: str, what: str) -> None:
    assert refusal_of(password) == ("too-personal", f"must not be {what}, once or repeated")


@pytest.mark.parametrize("password", ["Ewan plays chess", "wolf@example.com!", "usherusherusher1", "my password1 here"])
def test_word_that_is_only_a_part_is_accepted(password: str) -> None:
    POLICY.check(password, PERSONAL)


def test_owner_of_whom_nothing_is_known_may_have_any_password() -> None:
    POLICY.check("plum tractor violet", {"your name": ""})
