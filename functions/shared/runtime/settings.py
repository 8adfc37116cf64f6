"""Reads a function's settings from the environment, and lists all faults at once."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


class SettingsError(Exception):
    """The settings are unusable: the text lists every fault, and never a value."""


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
            except msgspec.ValidationError as error:
                reason, _, _ = str(error).partition(" '")  # msgspec quotes a value that is in no enum
                faults.append(f"{name}: {reason}")
        elif field.required:
            faults.append(f"{name} is missing")
    if faults:
        raise SettingsError("\n".join(["Set these environment variables:", *faults]))
    return kind(**values)


def _parse(kind: Any, text: str) -> Any:  # noqa: ANN401  msgspec's hook for types that it does not know
    return kind.parse(text)
