from enum import StrEnum
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from shared.runtime.settings import Secret, SettingsError, read_settings


class Colour(StrEnum):
    RED = "red"


class Even(int):
    @classmethod
    def parse(cls, text: str) -> "Even":
        if int(text) % 2:
            raise ValueError("Expected an even number")
        return cls(text)


class Settings(Struct, frozen=True, kw_only=True):
    project: str
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    wait_seconds: Annotated[float, Meta(ge=0)] = 1.5
    colour: Colour = Colour.RED
    even: Even = Even(2)
    password: Secret = Secret()


def faults(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        read_settings(Settings, environ)
    return str(refusal.value).splitlines()[1:]


def test_each_field_is_read_from_its_variable() -> None:
    environ = {"PROJECT": " usher ", "PORT": "25", "WAIT_SECONDS": "0.5", "COLOUR": "red", "EVEN": "4", "PASSWORD": "s"}

    settings = read_settings(Settings, environ | {"ANOTHER": "1"})

    assert settings == Settings(project="usher", port=25, wait_seconds=0.5, even=Even(4), password=Secret("s"))


@pytest.mark.parametrize("empty", [{}, {"PORT": ""}, {"PORT": "  "}])
def test_variable_that_is_missing_or_empty_leaves_the_default(empty: dict[str, str]) -> None:
    assert read_settings(Settings, {"PROJECT": "usher"} | empty).port == 587


def test_all_faults_are_listed_at_once() -> None:
    environ = {"PORT": "70000", "WAIT_SECONDS": "soon", "COLOUR": "blue", "EVEN": "3"}

    assert faults(environ) == [
        "PROJECT is missing",
        "PORT: Expected `int` <= 65535",
        "WAIT_SECONDS: Expected `float`, got `str`",
        "COLOUR: Invalid enum value",
        "EVEN: Expected an even number",
    ]


def test_secret_hides_from_repr_and_is_its_value_otherwise() -> None:
    settings = read_settings(Settings, {"PROJECT": "usher", "PASSWORD": "canary"})

    assert settings.password == "canary"
    assert "canary" not in repr(settings)
