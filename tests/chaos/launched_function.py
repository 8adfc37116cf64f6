"""Runs a function beside the stack under a launcher of this folder, in place of plain functions-framework."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from deploy.topology import read_topology
from emulator.functions import function_environment, local_settings
from tests.canary import PEPPERS
from tests.running_function import RunningFunction
from tests.stack import LocalStack
from tests.waiting import free_port

_HERE = Path(__file__).parent
_TOPOLOGY = read_topology()
PLAINLY = ("-m", "functions_framework")


def launcher(program: str, *options: str) -> Sequence[str]:
    """A program of this folder, which takes the options of functions-framework and its own."""
    return str(_HERE / program), *options


class LaunchedFunction(RunningFunction):
    def __init__(
        self, stack: LocalStack, name: str, settings: Mapping[str, str], *, launched_by: Sequence[str] = PLAINLY
    ) -> None:
        function = _TOPOLOGY.functions[name]
        hosts = {"PUBSUB_EMULATOR_HOST": stack.pubsub_host, "FIRESTORE_EMULATOR_HOST": stack.firestore_host}
        environment = function_environment(
            function,
            local=local_settings(stack.ports, _TOPOLOGY.events) | {"BCRYPT_ROUNDS": "10", "PASSWORD_PEPPERS": PEPPERS},
            emulator_hosts={host: settings.get(host, address) for host, address in hosts.items()},
            environ={**os.environ, **settings},
        )
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        self._log = stack.logs / f"{name}-{uuid4().hex}.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, *launched_by),
                    *("--source", str(stack.bundles / name / "main.py"), "--target", function.target),
                    *("--host", "127.0.0.1", "--port", str(port)),
                ],
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,  # so that all of it can be killed at once
            )

    def log_lines(self) -> list[str]:
        return self._log.read_text().splitlines()

    def pause(self) -> None:
        """Stop all its processes where they are, as a platform does that takes the CPU away."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self._process.pid, signal.SIGCONT)


class Launch(Protocol):
    """Starts a function in the test's own project."""

    def __call__(self, name: str, *, launched_by: Sequence[str] = ..., **settings: str) -> LaunchedFunction: ...
