"""Names and companies, by what they show and what it costs to read them."""

import unicodedata

import pytest

from create_user.password_blocklist import PasswordBlocklist
from create_user.password_policy import PasswordPolicy
from create_user.sign_up_form import InvalidFormError, read_sign_up
from create_user.user import NewUser
from testkit.builders import sign_up_members

POLICY = PasswordPolicy(minimum_length=15, product_name="Usher", blocklist=PasswordBlocklist.common())
BLANKS = [
    "   ",
    "\N{NO-BREAK SPACE}\t\n",
    "\N{IDEOGRAPHIC SPACE}",
    "\u2028\u2029",
    "\N{HANGUL FILLER}",
    "\N{BRAILLE PATTERN BLANK}",
    "\N{VARIATION SELECTOR-16}\N{COMBINING GRAPHEME JOINER}",
    "\N{HANGUL CHOSEONG FILLER}",
    "\N{ZERO WIDTH SPACE} \N{WORD JOINER}",
    "\N{SOFT HYPHEN}\N{HALFWIDTH HANGUL FILLER}",
    "\N{VARIATION SELECTOR-17}\N{TAG SPACE}",
    "\N{INTERLINEAR ANNOTATION ANCHOR}",
]


def read(**changes: object) -> NewUser:
    return read_sign_up(sign_up_members(**changes), POLICY)


def faults(**changes: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidFormError) as invalid:
        read(**changes)
    return [(fault.field, fault.code) for fault in invalid.value.faults]


@pytest.mark.parametrize("blank", BLANKS)
def test_name_that_shows_nothing_is_missing(blank: str) -> None:
    assert faults(name=blank) == [("name", "required")]


@pytest.mark.parametrize("blank", [None, "", *BLANKS])
def test_company_that_shows_nothing_is_none(blank: str | None) -> None:
    assert read(company=blank).company == ""


@pytest.mark.parametrize(
    "name",
    [
        "علی\N{ZERO WIDTH NON-JOINER}رضا",
        "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}",
        "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}",
        "Ann\N{SOFT HYPHEN}Marie",
        "\N{BRAILLE PATTERN DOTS-1}\N{BRAILLE PATTERN BLANK}\N{BRAILLE PATTERN DOTS-12}",
        "\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG A}",
    ],
)
def test_what_shows_nothing_may_be_part_of_a_name(name: str) -> None:
    assert read(name=name, company=name).company == name


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        pytest.param({"name": "e{marks}"}, ("name", "too-long"), id="name"),
        pytest.param({"company": "e{marks}"}, ("company", "too-long"), id="company"),
        pytest.param({"email": "e{marks}@example.com"}, ("email", "invalid-email"), id="local part"),
        pytest.param({"email": "ewan@e{marks}.example"}, ("email", "invalid-email"), id="domain"),
    ],
)
def test_what_is_far_too_long_is_refused_before_it_is_normalised(
    monkeypatch: pytest.MonkeyPatch, members: dict[str, str], fault: tuple[str, str]
) -> None:
    marks = "\N{COMBINING GREEK YPOGEGRAMMENI}" * 4025 + "\N{COMBINING GRAVE ACCENT BELOW}" * 4025
    normalised, normalize = [], unicodedata.normalize

    def recording(form: str, text: str) -> str:
        normalised.append(len(text))
        return normalize(form, text)  # type: ignore[arg-type]  # whatever the library's form is

    monkeypatch.setattr(unicodedata, "normalize", recording)

    assert faults(**{field: text.format(marks=marks) for field, text in members.items()}) == [fault]
    assert all(length <= 400 for length in normalised)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("\N{GREEK SMALL LETTER ALPHA WITH PSILI AND VARIA AND YPOGEGRAMMENI}" * 100, id="composed"),
        pytest.param("\u03b1\u0313\u0300\u0345" * 100, id="four characters each"),
        pytest.param(" " * 8000 + "n" * 100 + " " * 8000, id="among blanks"),
    ],
)
def test_text_that_becomes_100_characters_is_not_too_long(typed: str) -> None:
    assert len(read(name=typed).name) == 100
