"""Turns the members of a sign-up into a valid, normalised NewUser, or lists all their faults."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from email_validator import EmailNotValidError, validate_email

from shared.texts.encoded_words import holds_encoded_word
from shared.web.problems import FieldFault

from .invisible import holds_invisible, is_blank
from .password_policy import PasswordPolicy, PasswordRefusedError
from .user import NewUser

_TEXT_LIMIT = 100
_EMAIL_LIMIT = 254  # of bytes
_LONGEST_DECOMPOSITION = 4  # characters that NFC makes one of
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # controls, surrogates, line and paragraph separators
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # make text run the other way
_PILE_OF_MARKS = "M" * 9  # in a row; no script's own spelling needs so many
_UNKNOWN_LISTED = 20  # a body may have thousands: listed, they would make a response nine times its size


class InvalidFormError(Exception):
    """The members are not a sign-up; `faults` lists all that is wrong, but only the first of many unknown members."""

    def __init__(self, faults: list[FieldFault]) -> None:
        super().__init__()
        self.faults = faults


def read_sign_up(members: Mapping[str, object], policy: PasswordPolicy) -> NewUser:
    """
    Read the members `name`, `email`, `password` and, optional, `company`.

    Raises:
        InvalidFormError: Members are missing, unknown or not valid.
    """
    form = _Form(members)
    name, company = form.text("name"), form.optional_text("company")
    email = form.email("email")
    new_user = NewUser(name=name, company=company, email=email, password=form.password(policy, name=name, email=email))
    form.check("name", "company", "email", "password")
    return new_user


def read_token(members: Mapping[str, object]) -> str:
    """
    Read the member `token`.

    Raises:
        InvalidFormError: It is missing.
    """
    form = _Form(members)
    token = form.string("token")
    form.check(*members)
    return token


def read_verified_sign_up(members: Mapping[str, object], policy: PasswordPolicy, *, address: str) -> NewUser:
    """
    Read the members `name`, `password` and, optional, `company`, beside the `token`, which has said the address.

    Raises:
        InvalidFormError: Members are missing, unknown or not valid.
    """
    form = _Form(members)
    name, company = form.text("name"), form.optional_text("company")
    password = form.password(policy, name=name, email=address)
    form.check("token", "name", "company", "password")
    return NewUser(name=name, company=company, email=address, password=password, email_verified=True)


def read_address(members: Mapping[str, object]) -> str:
    """
    Read the member `email`.

    Raises:
        InvalidFormError: It is missing or not valid, or there are others.
    """
    form = _Form(members)
    email = form.email("email")
    form.check("email")
    return email


@dataclass
class _Form:
    """Reads values one by one; a fault is recorded, and reading continues with an empty value."""

    members: Mapping[str, object]
    faults: list[FieldFault] = field(default_factory=list)

    def fault(self, member: str, code: str, message: str) -> str:
        self.faults.append(FieldFault(member, code, f"{member} {message}"))
        return ""

    def check(self, *known: str) -> None:
        """
        Return if all that was read is valid, and nothing was not.

        Raises:
            InvalidFormError: Otherwise.
        """
        for member in islice((member for member in self.members if member not in known), _UNKNOWN_LISTED):
            self.fault(member, "unknown", "is not known")
        if self.faults:
            raise InvalidFormError(self.faults)

    def string(self, member: str) -> str:
        value = self.members.get(member)
        if value in (None, ""):
            return self.fault(member, "required", "is required")
        if not isinstance(value, str):
            return self.fault(member, "not-a-string", "must be a string")
        return value

    def text(self, member: str) -> str:
        text = self.string(member)
        if text and is_blank(text):
            return self.fault(member, "required", "must not be blank")
        text = text.strip()
        # A text that is too long in any case is not composed: that takes time quadratic in a run of accents.
        if len(text) <= _LONGEST_DECOMPOSITION * _TEXT_LIMIT:
            text = unicodedata.normalize("NFC", text)
        if len(text) > _TEXT_LIMIT:
            return self.fault(member, "too-long", f"must be at most {_TEXT_LIMIT} characters")
        if any(unicodedata.category(character) in _UNPRINTABLE or character in _TURNING for character in text):
            return self.fault(
                member, "unprintable", "must not contain control characters, line breaks or reversed text"
            )
        if _PILE_OF_MARKS in "".join(unicodedata.category(character)[0] for character in text):
            return self.fault(member, "unprintable", "must not stack too many accents")
        return text

    def optional_text(self, member: str) -> str:
        value = self.members.get(member)
        is_given = not (value is None or (isinstance(value, str) and is_blank(value)))
        return self.text(member) if is_given else ""

    def email(self, member: str) -> str:
        typed = self.string(member)
        # Before the validator, which takes a millisecond for 100 international characters, and says the same after it.
        if len(typed.encode(errors="replace")) > _EMAIL_LIMIT:
            unit = "characters" if typed.isascii() else "bytes in UTF-8"
            return self.fault(member, "invalid-email", f"must be at most {_EMAIL_LIMIT} {unit}")
        try:
            address = typed and validate_email(typed, strict=True, check_deliverability=False).normalized
        except EmailNotValidError as error:
            return self.fault(member, "invalid-email", f"is not a valid address: {error}")
        if holds_encoded_word(address):
            return self.fault(
                member, "invalid-email", "must not contain encoded words: a mail program would decode them"
            )
        if holds_invisible(address):
            return self.fault(member, "invalid-email", "must not contain invisible characters")
        return address

    def password(self, policy: PasswordPolicy, *, name: str, email: str) -> str:
        member = "password"
        password = self.string(member)
        personal = {"your name": name, "your address": email, "the beginning of your address": email.rpartition("@")[0]}
        try:
            if password:
                policy.check(password, personal)
        except PasswordRefusedError as error:
            return self.fault(member, error.code, str(error))
        return password
