"""Runs a single function beside the stack, on its emulators and from its bundles, with settings of the test's own."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from blueprint.topology import read_topology
from emulator.functions.environment import function_environment, local_settings
from testkit.canary import LINK_KEYS, PEPPERS
from testkit.forked_process import ForkedProcess
from testkit.free_ports import free_port
from testkit.own_environment import own_environment
from testkit.polling import eventually, is_serving
from testkit.stack import LocalStack

Process = ForkedProcess | subprocess.Popen[bytes]
_TOPOLOGY = read_topology()
_OF_TESTS = {"BCRYPT_ROUNDS": "10", "PASSWORD_PEPPERS": PEPPERS, "LINK_KEYS": LINK_KEYS}
_START_SECONDS = 60
_STOP_SECONDS = 5
PLAINLY = ("-m", "functions_framework")


class RunningFunction:
    """
    A functions-framework process, or what `launched_by` makes of one, that starts fast: see `ForkedProcess`.

    `settings` come before those that the stack was started with, and before its emulators' addresses. `source` takes
    the place of the function's bundle.
    """

    def __init__(
        self,
        stack: LocalStack,
        name: str,
        settings: Mapping[str, str],
        *,
        launched_by: Sequence[str] = PLAINLY,
        source: Path | None = None,
    ) -> None:
        function = _TOPOLOGY.functions[name]
        environment = function_environment(
            function,
            local=local_settings(stack.ports, _TOPOLOGY) | _OF_TESTS,
            emulator_hosts={host: settings.get(host, address) for host, address in stack.emulator_hosts.items()},
            environ={**own_environment(), **stack.environment, **settings},
        )
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._log = stack.logs / f"{name}-{uuid4().hex}.log"
        self._log.touch()
        arguments = [
            *launched_by,
            *("--source", str(source or stack.bundles / name / "main.py"), "--target", function.target),
            *("--host", "127.0.0.1", "--port", str(self.port)),
        ]
        self._process = self._start(arguments, environment)

    def _start(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Process:
        """In a session of its own, so that all of it can be killed at once."""
        return ForkedProcess(arguments, environment=environment, log=self._log)

    @property
    def pid(self) -> int:
        """Of gunicorn's master, which leads the process group."""
        return self._process.pid

    def wait_until_ready(self) -> None:
        assert eventually(self._answers, seconds=_START_SECONDS), self._log.read_text()

    def log_lines(self) -> list[str]:
        return self._log.read_text().splitlines()

    def kill(self) -> None:
        """End all its processes, as SIGKILL does."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()  # had it no session yet
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        self.kill()

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        return is_serving(self.url)


class FreshFunction(RunningFunction):
    """One whose interpreter imports everything itself, as a new instance's does."""

    def _start(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Process:
        with self._log.open("w") as log:
            return subprocess.Popen(
                [sys.executable, *arguments], stdout=log, stderr=log, env=environment, start_new_session=True
            )


class RunFunction(Protocol):
    """Starts a function of topology.toml, by default in the test's own project."""

    def __call__(self, name: str, *, launched_by: Sequence[str] = ..., **settings: str) -> RunningFunction: ...
