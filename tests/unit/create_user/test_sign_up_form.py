import pytest

from create_user.password_blocklist import PasswordBlocklist
from create_user.password_policy import PasswordPolicy
from create_user.sign_up_form import InvalidFormError, read_sign_up
from create_user.user import NewUser
from testkit.builders import a_new_user, sign_up_members

POLICY = PasswordPolicy(minimum_length=15, product_name="Usher", blocklist=PasswordBlocklist.common())


def read(**changes: object) -> NewUser:
    return read_sign_up(sign_up_members(**changes), POLICY)


def faults(members: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidFormError) as invalid:
        read_sign_up(members, POLICY)
    return [(fault.field, fault.code) for fault in invalid.value.faults]


def test_valid_members_become_a_new_user() -> None:
    assert read(company="Acme") == a_new_user(company="Acme")


def test_every_fault_is_listed_at_once() -> None:
    members: dict[str, object] = {"name": " ", "email": "ewan", "company": 5, "password": "short", "nick": "E"}

    assert sorted(faults(members)) == [
        ("company", "not-a-string"),
        ("email", "invalid-email"),
        ("name", "required"),
        ("nick", "unknown"),
        ("password", "too-short"),
    ]


def test_of_thousands_of_unknown_members_the_first_20_are_listed() -> None:
    unknown: dict[str, object] = {f"nick{number}": 1 for number in range(3000)}

    assert faults(sign_up_members() | unknown) == [(name, "unknown") for name in list(unknown)[:20]]


def test_message_is_a_sentence_that_begins_with_the_field() -> None:
    with pytest.raises(InvalidFormError) as invalid:
        read(password="only12chars!")

    assert [fault.message for fault in invalid.value.faults] == ["password must be at least 15 characters (got 12)"]


@pytest.mark.parametrize("field", ["name", "email", "password"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_required_member_that_is_null_or_empty_is_missing(field: str, nothing: object) -> None:
    assert faults(sign_up_members(**{field: nothing})) == [(field, "required")]


def test_members_of_an_empty_object_are_all_missing() -> None:
    assert faults({}) == [("name", "required"), ("email", "required"), ("password", "required")]


@pytest.mark.parametrize("field", ["name", "email", "password", "company"])
@pytest.mark.parametrize("value", [0, 1.5, True, [], {}])
def test_member_that_is_not_a_string_is_refused(field: str, value: object) -> None:
    assert faults(sign_up_members(**{field: value})) == [(field, "not-a-string")]


@pytest.mark.parametrize("field", ["name", "company"])
@pytest.mark.parametrize(
    "inside", ["\n", "\r\nBcc: all@example.com", "\0", "\x1b[31m", "\u2028", "\u2029", "\x85", "\ud800"]
)
def test_control_characters_and_line_breaks_are_refused(field: str, inside: str) -> None:
    assert faults(sign_up_members(**{field: f"Ewan{inside}Valentine"})) == [(field, "unprintable")]


@pytest.mark.parametrize("field", ["name", "company"])
def test_text_of_more_than_100_characters_is_refused(field: str) -> None:
    assert faults(sign_up_members(**{field: "n" * 101})) == [(field, "too-long")]
    assert getattr(read(**{field: " " + "n" * 100 + " "}), field) == "n" * 100


@pytest.mark.parametrize("name", ["Ewan", "X Æ A-12", "O'Brien <3", "\N{GRINNING FACE}", "محمد"])
def test_names_of_people_are_accepted_as_they_are(name: str) -> None:
    assert read(name=name).name == name


def test_name_is_trimmed_and_composed() -> None:
    assert read(name="  Ju\N{COMBINING DIAERESIS}rgen ").name == "J\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen"


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [
        ("Ewan.Valentine+news@Example.COM", "Ewan.Valentine+news@example.com"),
        ("ewan@bu\N{COMBINING DIAERESIS}cher.example", "ewan@bücher.example"),
        ("ju\N{COMBINING DIAERESIS}rgen@example.com", "jürgen@example.com"),
    ],
)
def test_address_is_normalised_and_keeps_its_tags_dots_and_capitals(typed: str, normalised: str) -> None:
    assert read(email=typed).email == normalised


@pytest.mark.parametrize(
    "email",
    [
        "ewan",
        "ewan@",
        "@example.com",
        "ewan@example",
        "a@b@example.com",
        "ewan@example.com\r\nBcc: all@example.com",
        "Ewan <ewan@example.com>",
        "ewan@[127.0.0.1]",
        "ewan@localhost",
        "e" * 255 + "@example.com",
        "ewan @example.com",
    ],
)
def test_what_is_not_an_address_is_refused(email: str) -> None:
    assert faults(sign_up_members(email=email)) == [("email", "invalid-email")]


def test_password_is_taken_as_it_is() -> None:
    password = "  spaces, e\N{COMBINING ACUTE ACCENT} and \0  "

    assert read(password=password).password == password


def test_password_shows_in_no_repr() -> None:
    assert "canary" not in repr(read(password="canary canary canary of mine"))


def test_address_that_a_mail_program_would_decode_into_headers_is_refused() -> None:
    email = "=?utf-8?q?=0d=0aSubject=3aPay_now=0d=0a=0d=0ahi?=@example.com"

    assert faults(sign_up_members(email=email)) == [("email", "invalid-email")]


@pytest.mark.parametrize("name", ["Ewan\u202egnp.exe", "\u2067Ewan"])
def test_reversed_names_are_refused(name: str) -> None:
    assert faults(sign_up_members(name=name)) == [("name", "unprintable")]


@pytest.mark.parametrize("marks", [9, 90])
@pytest.mark.parametrize("field", ["name", "company"])
def test_piles_of_accents_are_refused(field: str, marks: int) -> None:
    assert faults(sign_up_members(**{field: "Z" + "\N{COMBINING TILDE OVERLAY}" * marks})) == [(field, "unprintable")]


def test_text_of_10_000_accents_is_too_long() -> None:
    assert faults(sign_up_members(name="e" + "\u0301\u0316" * 5000)) == [("name", "too-long")]


@pytest.mark.parametrize("name", ["Nguyễn Thị Minh", "ཧཱུྂ", "กุ้ง", "שָׁלוֹם", "க்ஷ்மி", "u\u0304\u0301\u0323\u0302"])
def test_accents_of_real_scripts_are_accepted(name: str) -> None:
    assert read(name=name).name


@pytest.mark.parametrize(
    "members",
    [
        {"name": "Ewan", "password": "ewanewanewanewan"},
        {"email": "ewan@example.com", "password": "Ewan@Example.COM"},
        {"name": "Wolf", "email": "ewan.valentine@example.com", "password": "ewan.valentineEwan.Valentine"},
    ],
)
def test_password_that_the_other_members_give_away_is_refused(members: dict[str, object]) -> None:
    assert faults(sign_up_members(**members)) == [("password", "too-personal")]
