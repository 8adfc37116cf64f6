"""Reads the settings of all functions before any of them starts, with the classes that they read them with."""

from collections.abc import Mapping
from importlib import import_module

from msgspec import Struct

from blueprint.topology import Topology
from emulator.functions.environ_check import misspelt, stack_faults
from emulator.processes.errors import StackError
from shared.runtime.settings import SettingsError, read_settings


def read_function_settings(
    topology: Topology, *, environments: Mapping[str, Mapping[str, str]], environ: Mapping[str, str]
) -> list[Struct]:
    """
    The settings of each function of `topology`, whose whole `environments` are given by their names.

    Raises:
        StackError: Some are missing or wrong, or the stack's own in `environ`: a line for each variable, however many
            functions read it, and for each name that looks misspelt, since that may be why.
    """
    settings: list[Struct] = []
    faults = [*stack_faults(environ)]
    for name, environment in environments.items():
        try:
            settings.append(read_settings(_kind(name), environment))
        except SettingsError as error:
            faults += error.args
    if faults:
        first: dict[str, str] = {}
        for fault in faults:
            first.setdefault(fault.partition(":")[0], fault)
        raise StackError(
            "\n".join(["Nothing was started. Fix these settings first:", *first.values(), *misspelt(environ, topology)])
        )
    return settings


def _kind(name: str) -> type[Struct]:
    try:
        kind: type[Struct] = import_module(f"{name}.settings").Settings
    except (ImportError, SyntaxError) as error:
        raise StackError(f"functions/{name}/settings.py cannot be imported: {error}") from error
    return kind
