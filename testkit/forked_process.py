"""Python programs that start within milliseconds: forks of a process that has imported the libraries of all."""

import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from subprocess import TimeoutExpired

_CONTEXT = get_context("forkserver")
# Nothing of the project's own: the fork has to import that from the function's bundle.
_CONTEXT.set_forkserver_preload(
    ["functions_framework._http.gunicorn", "google.cloud.firestore", "google.pubsub_v1", "httpx", "nats.js.client"]
)
_ROOT = Path(__file__).parent.parent


class ForkedProcess:
    """`python *arguments`, in a session of its own, with its output in the file `log`. Its interface is Popen's."""

    def __init__(self, arguments: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
        self._process = _CONTEXT.Process(target=_run, args=(arguments, environment, log), daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutExpired(str(self.pid), timeout or 0)
        return self._process.exitcode


def _run(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    os.setsid()
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    own = {"", str(_ROOT), str(_ROOT / "functions")}
    given = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:] = [*given, *(path for path in sys.path if path not in own)]
    program, *sys.argv[1:] = arguments
    if program == "-m":
        runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(program, run_name="__main__")
