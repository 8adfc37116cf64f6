"""A function runs with the `shared` of its bundle: the project's own holds rooms that are not deployed with it."""

import os
import subprocess
from pathlib import Path

import httpx

from blueprint.topology import PROJECT_ROOT, read_topology
from emulator.functions.environment import function_environment
from emulator.functions.running import function_program
from testkit.free_ports import free_port
from testkit.plain_http import http
from testkit.polling import eventually, is_serving

ANSWERS_WHERE_SHARED_IS = "import shared\n\ndef create_user(_request):\n    return shared.__file__\n"


def test_function_imports_shared_from_its_bundle(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(ANSWERS_WHERE_SHARED_IS)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "__init__.py").touch()
    function, port = read_topology().functions["create_user"], free_port()
    stacks_own = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT / "functions")}
    environment = function_environment(function, local={}, emulator_hosts={}, environ=stacks_own)
    program = function_program(
        function, bundle=tmp_path, port=port, environment=environment, client=httpx.AsyncClient()
    )

    with subprocess.Popen(program.command, env=program.environment, cwd=PROJECT_ROOT) as process:
        url = f"http://127.0.0.1:{port}/"
        assert eventually(lambda: is_serving(url), seconds=20)
        answer = http.get(url)
        process.terminate()

    assert answer.text == str(tmp_path / "shared" / "__init__.py")
