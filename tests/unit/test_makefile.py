"""`make` on a first day, with a Python that only notes what it is asked to do."""

import os
import pty
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import FileIO
from pathlib import Path

import pytest

from blueprint.topology import PROJECT_ROOT

NOTING_PYTHON = """#!/bin/sh
echo "$@" >> "$(dirname "$0")/asked"
if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi
"""


def make(*words: str, terminal: bool = False, environ: Mapping[str, str] = {}) -> str:
    """What it shows, in a pipe or on a terminal."""
    command = ["make", "--no-print-directory", *words]
    environment = {"PATH": os.environ["PATH"], **environ}
    if not terminal:
        return subprocess.run(
            command, cwd=PROJECT_ROOT, env=environment, text=True, check=True, stdout=subprocess.PIPE
        ).stdout
    ours, its = pty.openpty()
    subprocess.run(command, cwd=PROJECT_ROOT, env=environment, check=True, stdin=its, stdout=its, stderr=its)
    os.close(its)
    with os.fdopen(ours, "rb", buffering=0) as shown:
        return b"".join(_until_closed(shown)).decode()


def _until_closed(terminal: FileIO) -> Iterator[bytes]:
    """The kernel hands over in parts what was written; the end of a terminal that nobody holds open is an error."""
    with suppress(OSError):
        while part := terminal.read(100_000):
            yield part


@pytest.mark.parametrize(
    ("terminal", "environ", "coloured"),
    [(False, {}, False), (True, {}, True), (True, {"NO_COLOR": "1"}, False), (True, {"NO_COLOR": ""}, True)],
)
def test_help_is_coloured_on_a_terminal_only(*, terminal: bool, environ: Mapping[str, str], coloured: bool) -> None:
    shown = make("help", terminal=terminal, environ=environ)

    assert "run " in shown
    assert ("\x1b[" in shown) is coloured


def first_start(folder: Path, *, terminal: bool = False, environ: Mapping[str, str] = {}) -> tuple[str, list[str]]:
    """What it shows, and what its Python is asked to do."""
    python = folder / "python3"
    python.write_text(NOTING_PYTHON)
    python.chmod(0o755)
    venv = folder / "venv"
    shown = make("run", f"PYTHON={python}", f"VENV={venv}", terminal=terminal, environ=environ)
    return shown, (venv / "bin" / "asked").read_text().splitlines()


@pytest.mark.parametrize("terminal", [False, True])
def test_first_start_says_how_long_it_takes_and_shows_pips_progress_on_a_terminal(
    *, terminal: bool, tmp_path: Path
) -> None:
    shown, asked = first_start(tmp_path, terminal=terminal)

    assert "(once, about 20 seconds" in shown
    install, java, start = asked
    assert install.startswith("-m pip install")
    assert ("--quiet" in install) is not terminal
    assert (java, start) == ("-m emulator.google.system_java", "-m emulator up --base-port 8080")


@pytest.mark.parametrize(
    ("environ", "on_path", "installed"),
    [
        ({"EVENT_BROKER": "nats"}, False, True),
        ({"EVENT_BROKER": "nats"}, True, False),
        ({"EVENT_BROKER": "nats", "NATS_URL": "nats://elsewhere:4222"}, False, False),
        ({"EVENT_BROKER": "pubsub"}, False, False),
    ],
)
def test_nats_server_is_installed_only_where_it_is_needed_and_there_is_none(
    environ: Mapping[str, str], *, on_path: bool, installed: bool, tmp_path: Path
) -> None:
    path = [folder for folder in os.environ["PATH"].split(os.pathsep) if not Path(folder, "nats-server").exists()]
    if on_path:
        (tmp_path / "nats-server").touch(mode=0o755)
        path.append(str(tmp_path))

    shown, asked = first_start(tmp_path, environ={"PATH": os.pathsep.join(path), **environ})

    assert ("Adding a NATS server" in shown) is installed
    assert any(words.endswith("-r requirements-nats.txt") for words in asked) is installed
