"""Reads a function's settings from the environment, and lists all faults at once."""

from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from types import NoneType
from typing import Any, TypeVar, get_args

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

_NOUNS = {int: "a whole number", float: "a number", bool: "true or false"}
_LONGEST_SHOWN = 40
THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class SettingsError(Exception):
    """
    The settings are unusable: each argument is one fault, a variable's name, a colon and what its value must be.

    What was given instead is shown of numbers and choices only: other texts may be secret or somebody's address.
    """

    def __str__(self) -> str:
        return "\n".join(["Fix these environment variables:", *self.args])


class Secret(str):
    """A value that its repr hides."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(...)"

    @classmethod
    def parse(cls, text: str) -> "Secret":
        return cls(text)


def read_settings(kind: type[T], environ: Mapping[str, str]) -> T:
    """
    Read each field of `kind` from the environment variable of the same name in capitals.

    A variable that is empty counts as missing. A field's type gives its bounds (`Annotated[int, Meta(ge=1)]`); a class
    with a `parse(text)` of its own, which raises ValueError, may be a field's type too.

    Raises:
        SettingsError: Variables are missing or have invalid values.
    """
    values, faults = {}, []
    for field in msgspec.structs.fields(kind):
        name = field.name.upper()
        if text := environ.get(name, "").strip():
            try:
                values[field.name] = msgspec.convert(text, field.type, strict=False, dec_hook=_parse)
            except (msgspec.ValidationError, UnicodeError) as error:  # the latter of bytes that are not UTF-8
                faults.append(f"{name}: {_expected(field.type, text) or error}")
        elif field.required:
            faults.append(f"{name}: must be set")
    if faults:
        raise SettingsError(*faults)
    return kind(**values)


def _parse(kind: Any, text: str) -> Any:  # noqa: ANN401  msgspec's hook for types that it does not know
    return kind.parse(text)


def _expected(kind: Any, text: str) -> str:  # noqa: ANN401  a field's type may be anything
    """What a value of this type must be, and what was given; nothing of a type that says so itself."""
    kind = get_args(kind)[0] if NoneType in get_args(kind) else kind
    base, *bounds = get_args(kind) or (kind,)
    if issubclass(base, Enum):
        expected = "one of " + ", ".join(str(member.value) for member in base)
    elif base not in _NOUNS:
        return ""
    elif bounds and _is_a(base, text):
        expected = _within(bounds[0])
    else:
        expected = _NOUNS[base]
    got = f" (got {text})" if text.isprintable() and len(text) <= _LONGEST_SHOWN else ""
    return f"must be {expected}{got}"


def _is_a(kind: type, text: str) -> bool:
    with suppress(msgspec.ValidationError, UnicodeError):
        msgspec.convert(text, kind, strict=False)
        return True
    return False


def _within(bounds: msgspec.Meta) -> str:
    if bounds.gt is not None:
        return f"above {bounds.gt} and at most {bounds.le}"
    return f"at least {bounds.ge}" if bounds.le is None else f"between {bounds.ge} and {bounds.le}"
