from enum import StrEnum
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from shared.runtime.settings import Secret, SettingsError, read_settings


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Even(int):
    @classmethod
    def parse(cls, text: str) -> "Even":
        if int(text) % 2:
            raise ValueError("must be an even number")
        return cls(text)


class Settings(Struct, frozen=True, kw_only=True):
    project: str
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    limit: Annotated[int, Meta(ge=1, le=9)] | None = None
    wait_seconds: Annotated[float, Meta(ge=0)] = 1.5
    share: Annotated[float, Meta(gt=0, le=1)] = 1
    loud: bool = False
    colour: Colour = Colour.RED
    even: Even = Even(2)
    password: Secret = Secret()


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        read_settings(Settings, environ)
    return str(refusal.value).splitlines()[1:]


def test_each_field_is_read_from_its_variable() -> None:
    environ = {"PROJECT": " usher ", "PORT": "25", "WAIT_SECONDS": "0.5", "COLOUR": "red", "EVEN": "4", "PASSWORD": "s"}

    settings = read_settings(Settings, environ | {"LIMIT": "9", "ANOTHER": "1"})

    assert settings == Settings(project="usher", port=25, limit=9, wait_seconds=0.5, even=Even(4), password=Secret("s"))


@pytest.mark.parametrize("empty", [{}, {"PORT": ""}, {"PORT": "  "}])
def test_variable_that_is_missing_or_empty_leaves_the_default(empty: dict[str, str]) -> None:
    assert read_settings(Settings, {"PROJECT": "usher"} | empty).port == 587


def test_all_faults_are_listed_at_once() -> None:
    environ = {"PORT": "70000", "WAIT_SECONDS": "soon", "COLOUR": "blue", "EVEN": "3"}

    assert faults(environ) == [
        "PROJECT: must be set",
        "PORT: must be between 1 and 65535 (got 70000)",
        "WAIT_SECONDS: must be a number (got soon)",
        "COLOUR: must be one of red, green (got blue)",
        "EVEN: must be an even number",
    ]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "0", "must be between 1 and 65535 (got 0)"),
        ("PORT", "smtp", "must be a whole number (got smtp)"),
        ("PORT", "25.5", "must be a whole number (got 25.5)"),
        ("LIMIT", "10", "must be between 1 and 9 (got 10)"),
        ("LIMIT", "ten", "must be a whole number (got ten)"),
        ("WAIT_SECONDS", "-1", "must be at least 0 (got -1)"),
        ("WAIT_SECONDS", "nan", "must be at least 0 (got nan)"),
        ("SHARE", "0", "must be above 0 and at most 1 (got 0)"),
        ("LOUD", "yes", "must be true or false (got yes)"),
        ("COLOUR", "RED", "must be one of red, green (got RED)"),
        ("COLOUR", "r\ned", "must be one of red, green"),
        ("COLOUR", "a" * 41, "must be one of red, green"),
        ("COLOUR", "\udce4", "must be one of red, green"),
        ("PORT", "\udce4", "must be a whole number"),
    ],
)
def test_fault_says_what_is_allowed_and_what_was_given_on_one_line(name: str, value: str, said: str) -> None:
    assert faults({"PROJECT": "usher", name: value}) == [f"{name}: {said}"]


def test_secret_hides_from_repr_and_is_its_value_otherwise() -> None:
    settings = read_settings(Settings, {"PROJECT": "usher", "PASSWORD": "canary"})

    assert settings.password == "canary"
    assert "canary" not in repr(settings)
