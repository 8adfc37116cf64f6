"""
The plain commands of docs/local-stack.md, on the oldest and the newest Python of this machine.

The one test that installs from the package index: what is to be shown is that the locked packages and every way to end
work there, too.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from secrets import token_hex

import pytest

from blueprint.topology import PROJECT_ROOT
from testkit.free_ports import free_base_port
from testkit.own_environment import own_environment
from testkit.signing_up import members, sign_up
from testkit.stack import LocalStack

Version = tuple[int, ...]


def pythons() -> dict[Version, Path]:
    """Those that the README allows and that can make a virtual environment, by version."""
    on_path = [Path(folder) for folder in [*os.environ["PATH"].split(os.pathsep), "/usr/bin"]]
    places = [*on_path, *Path.home().glob(".pyenv/versions/*/bin")]
    found = {}
    for python in (each for place in places for each in place.glob("python3.*")):
        if re.fullmatch(r"python3\.\d+", python.name):
            program = "import ensurepip, sys; print(*sys.version_info[:3])"
            asked = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
            if asked.returncode == 0 and (version := tuple(map(int, asked.stdout.split()))) >= (3, 11):
                found[version] = python
    return found


def plain_commands() -> list[str]:
    (block,) = re.findall(
        r"```bash\n(python3 -m venv .*?)```", (PROJECT_ROOT / "docs" / "local-stack.md").read_text(), re.DOTALL
    )
    return str(block).splitlines()


def run(commands: Sequence[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    script = ["bash", "-euc", "\n".join(commands)]
    return subprocess.run(script, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.exhaustive
@pytest.mark.timeout(240)
@pytest.mark.parametrize("choose", [min, max], ids=["oldest", "newest"])
def test_plain_commands_start_a_stack_whose_every_end_is_one_sentence(
    choose: Callable[[Mapping[Version, Path]], Version], tmp_path: Path, emulators: Mapping[str, str]
) -> None:
    found = pythons()
    if len(found) == 1 and choose is max:
        pytest.skip("this machine has a single Python, which is tried as the oldest")
    root, path = tmp_path / "project", tmp_path / "path"
    root.mkdir()
    path.mkdir()
    shutil.copy(PROJECT_ROOT / "requirements-run.txt", root)
    (path / "python3").write_text(f'#!/bin/sh\nexec "{found[choose(found)]}" "$@"\n')
    (path / "python3").chmod(0o755)
    settings = {"GOOGLE_CLOUD_PROJECT": f"test-{token_hex(8)}", **emulators}
    uncompiled = {"PIP_COMPILE": "0"}  # most of it is never imported here
    environment = {**own_environment(), **settings, **uncompiled, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
    *install, up = plain_commands()

    installed = run(install, root, environment)
    assert installed.returncode == 0, installed.stderr
    stack = LocalStack(tmp_path, settings, python=root / ".venv" / "bin" / "python")
    try:
        stack.wait_until_ready()
        assert sign_up(stack.create_user_url, members()).status_code == 201

        in_use = run([f"{up} --base-port {stack.ports.base}"], root, environment)
        nowhere = {**environment, **dict.fromkeys(emulators, "127.0.0.1:9")}
        wrong = run([f"{up} --base-port {free_base_port()}"], root, nowhere)
        stack.process.send_signal(signal.SIGINT)

        assert stack.process.wait(30) == 0
        said = [in_use.stderr, wrong.stderr, stack.log.read_text()]
        assert [each for each in said if "Traceback" in each] == []
        assert (in_use.returncode, in_use.stderr.count("\n")) == (1, 1)
        assert in_use.stderr.startswith(f"Port {stack.ports.base} (create_user) is in use: ")
        assert wrong.returncode == 1
        assert wrong.stderr.endswith(
            "is set to 127.0.0.1:9, where no emulator is responding: start it there, or "
            "unset the variable to let the stack start its own.\n"
        )
    finally:
        stack.kill()
