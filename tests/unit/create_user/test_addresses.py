"""Addresses of published lists of right and wrong ones: Wikipedia, is_email, RFC 3696, 5321 and 6532."""

import pytest

from create_user.password_blocklist import PasswordBlocklist
from create_user.password_policy import PasswordPolicy
from create_user.sign_up_form import InvalidFormError, read_sign_up
from testkit.builders import sign_up_members

POLICY = PasswordPolicy(minimum_length=15, product_name="Usher", blocklist=PasswordBlocklist.common())


def read(address: str) -> str:
    return read_sign_up(sign_up_members(email=address), POLICY).email


@pytest.mark.parametrize(
    "address",
    [
        "simple@example.com",
        "very.common@example.com",
        "x@example.com",
        "long.email-address-with-hyphens@and.subdomains.example.com",
        "user.name+tag+sorting@example.com",
        "name/surname@example.com",
        "mailhost!username@example.org",
        "user%example.com@example.org",
        "user-@example.org",
        "customer/department=shipping@example.com",
        "$A12345@example.com",
        "!def!xyz%abc@example.com",
        "_somename@example.com",
        "a@" + "b" * 63 + ".com",
        "l" * 64 + "@example.com",
        "l" * 64 + "@" + ".".join(["d" * 62] * 3)[:-4] + ".com",
        "用户@例子.广告",
        "अजय@डाटा.भारत",
        "квіточка@пошта.укр",
        "χρήστης@παράδειγμα.ελ",
        "Dörte@sörensen.example.com",
        "a=?b@example.com",
        "=?=@example.com",
        "=?utf-8?x?text?=@example.com",
        "коля@пример.рф",
    ],
)
def test_right_address_is_kept(address: str) -> None:
    assert read(address) == address


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("a\N{COMBINING GRAPHEME JOINER}b@example.com", "email must not contain invisible characters"),
        ("=?utf-8?q?a?=@example.com", "email must not contain encoded words: a mail program would decode them"),
        ("e" * 300 + "@example.com", "email must be at most 254 characters"),
        ("e@" + "\N{HEBREW LETTER ALEF}\N{ARABIC-INDIC DIGIT ONE}" * 120, "email must be at most 254 bytes in UTF-8"),
    ],
)
def test_reason_of_a_refusal_is_clear(address: str, reason: str) -> None:
    with pytest.raises(InvalidFormError) as invalid:
        read(address)

    assert [fault.message for fault in invalid.value.faults] == [reason]


def test_domain_in_punycode_is_the_same_as_in_unicode() -> None:
    assert read("ewan@xn--bcher-kva.example.com") == read("ewan@bücher.example.com")


@pytest.mark.parametrize(
    "address",
    [
        "abc.example.com",
        "a@b@c@example.com",
        'a"b(c)d,e:f;g<h>i[j\\k]l@example.com',
        'just"not"right@example.com',
        'this is"not\\allowed@example.com',
        "i_like_underscore@but_they_are_not_allowed_in_this_part.example.com",
        "QA[icon]CHOCOLATE[icon]@test.com",
        ".leading@example.com",
        "trailing.@example.com",
        "two..dots@example.com",
        "a@example..com",
        "a@.example.com",
        "a@example.com.",
        "a@-example.com",
        "a@example-.com",
        "a@b",
        "a@" + "b" * 64 + ".com",
        "l" * 65 + "@example.com",
        "l" * 64 + "@" + ".".join(["d" * 62] * 3) + ".com",
        "a@example.com\n",
        "a\0@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "a\N{ZERO WIDTH SPACE}@example.com",
        "\N{HANGUL FILLER}@example.com",
        "a\N{BRAILLE PATTERN BLANK}b@example.com",
        "a\N{VARIATION SELECTOR-16}@example.com",
        "a\N{ZERO WIDTH NON-JOINER}b@example.com",
        "=?utf-8?q?a?=@example.com",
        "ewan=?UTF-8?B?ZXdhbg==?=@example.com",
        "=?utf-8?q?=41@example.com",
        "a@ex\N{RIGHT-TO-LEFT OVERRIDE}ample.com",
        "a@\N{FULLWIDTH COMMERCIAL AT}example.com",
        "a\ud800@example.com",
        "a@xn--\N{SNOWMAN}.com",
        "test@invalid",
        "a@localhost",
        "a@router.local",
        "a(comment)@example.com",
        "Ewan <a@example.com>",
        "mailto:a@example.com",
        # valid by the standards, and refused: nobody has one, and other systems trip over them
        '" "@example.org',
        '"john..doe"@example.org',
        '"a@b"@example.com',
        "postmaster@[123.123.123.123]",
        "postmaster@[IPv6:2001:0db8:85a3:0000:0000:8a2e:0370:7334]",
    ],
)
def test_wrong_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidFormError) as invalid:
        read(address)

    assert [(fault.field, fault.code) for fault in invalid.value.faults] == [("email", "invalid-email")]
