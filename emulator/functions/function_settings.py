"""Reads the settings of all functions before any of them starts, with the classes that they read them with."""

from collections.abc import Iterable, Mapping
from importlib import import_module

from msgspec import Struct

from emulator.processes.errors import StackError
from shared.runtime.settings import SettingsError, read_settings


def read_function_settings(environments: Mapping[str, Mapping[str, str]]) -> list[Struct]:
    """
    The settings of each function, whose `environments` are given by their names.

    Raises:
        StackError: Some are missing or wrong: a line for each variable, however many functions read it.
    """
    settings: list[Struct] = []
    faults: list[str] = []
    for name, environment in environments.items():
        try:
            settings.append(read_settings(_kind(name), environment))
        except SettingsError as error:
            faults += error.args
    refuse(faults)
    return settings


def refuse(faults: Iterable[str]) -> None:
    """
    Refuse to start if there are faults, which begin with their variable's name and a colon.

    Raises:
        StackError: There are.
    """
    first = {fault.partition(":")[0]: fault for fault in reversed([*faults])}
    if first:
        listed = [f"- {fault}" for fault in reversed(first.values())]
        raise StackError("\n".join(["Nothing was started. Fix these settings first:", *listed]))


def _kind(name: str) -> type[Struct]:
    try:
        kind: type[Struct] = import_module(f"{name}.settings").Settings
    except (ImportError, SyntaxError) as error:
        raise StackError(f"functions/{name}/settings.py cannot be imported: {error}") from error
    return kind
