"""`python -m emulator`: what a person is told who gets something wrong, or has no stack."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import cli
from testkit.free_ports import free_base_port
from testkit.own_environment import own_environment

ROOT = Path(__file__).parents[3]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """The command's exit code, or the sentence that it ends with."""
    monkeypatch.setattr(sys, "argv", ["emulator", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.mark.parametrize("command", [("status",), ("open",), ("trace", "ewan@example.com"), ("redrive",)])
def test_every_command_says_the_same_where_no_stack_runs(
    monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    for name in ("PUBSUB_EMULATOR_HOST", "FIRESTORE_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    base = free_base_port()

    said = run(monkeypatch, *command, "--base-port", str(base))

    place = f"http://127.0.0.1:{base + 8}/"
    assert said == f"No local stack is responding at {place}: start it with make run, or pass its --base-port."


def test_command_line_alone_prints_the_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch) == 2
    assert "create-user" in capsys.readouterr().out


def test_version_is_the_projects(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "--version") == 0
    version = capsys.readouterr().out.removeprefix("Usher ").strip()
    assert f'\nversion = "{version}"\n' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["up", "--base-port", "http"], "--base-port: must be a number between 1024 and 65000 (got http)"),
        (["status", "--base-port", "80"], "--base-port: must be a number between 1024 and 65000 (got 80)"),
        (["up", "--base-port", "٨٠٨٠"], "--base-port: must be a number between 1024 and 65000 (got ٨٠٨٠)"),
        (["up", "--relay-every", "nan"], "--relay-every: must be a number of seconds above 0 and below 100000"),
        (["up", "--relay-every", "0"], "--relay-every: must be a number of seconds above 0 and below 100000"),
        (["trace", "\udce4"], "WHO: must be valid UTF-8"),
    ],
)
def test_wrong_argument_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(monkeypatch, *arguments) == 2
    assert f"error: argument {said}" in capsys.readouterr().err.splitlines()[-1]


def test_reader_that_has_seen_enough_is_not_met_with_a_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "w") as gone:
        command = [sys.executable, "-m", "emulator", "--version"]
        ended = subprocess.run(command, check=False, cwd=ROOT, stdout=gone, stderr=subprocess.PIPE, timeout=60)

    assert (ended.returncode, ended.stderr) == (141, b"")


def test_ctrl_c_is_not_met_with_a_traceback_while_the_program_still_imports() -> None:
    interrupted = """
import runpy, sys
class Finder:
    def find_spec(self, name, *_):
        if name == "msgspec":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Finder())
runpy.run_module("emulator", run_name="__main__")
"""

    ended = subprocess.run([sys.executable, "-c", interrupted], check=False, cwd=ROOT, capture_output=True, timeout=60)

    assert (ended.returncode, ended.stderr) == (130, b"")


def test_setting_on_makes_command_line_stops_the_start_before_anything_runs() -> None:
    command = ["make", "--old-file=.venv/.installed-run", "run", f"BIN={Path(sys.executable).parent}"]
    wrong = ["BCRYPT_ROUNDS=4", "SMTP_HOTS=mail.example", f"BASE_PORT={free_base_port()}"]

    environment = {name: value for name, value in own_environment().items() if not name.startswith("MAKE")}

    ended = subprocess.run(
        [*command, *wrong], check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )

    assert ended.returncode == 2  # make's own, of a recipe that failed with 1
    assert ended.stdout == ""
    *said, makes = ended.stderr.splitlines()
    assert said == [
        "Nothing was started. Fix these settings first:",
        "BCRYPT_ROUNDS: must be between 10 and 16 (got 4)",
        "SMTP_HOTS is not a setting: did you mean SMTP_HOST?",
    ]
    assert makes.endswith("Error 1")
