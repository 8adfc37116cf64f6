"""One instance of a function or of the pusher, which a platform would start again whenever it dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

_HEALTHY_SECONDS = 5
_FIRST_BACKOFF_SECONDS = 0.2
_MOST_BACKOFF_SECONDS = 2


class Instance:
    """A process of `python *arguments`, kept running until `stop`."""

    def __init__(self, arguments: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
        self._command = [sys.executable, *arguments]
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = Event()
        self._keeper = Thread(target=self._keep_running)
        self._keeper.start()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        self._stopping.set()
        while self._keeper.is_alive():  # also a process that the keeper was about to start
            self.kill()
            self._keeper.join(0.1)

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _keep_running(self) -> None:
        backoff = _FIRST_BACKOFF_SECONDS
        with self._log.open("ab") as log:
            while not self._stopping.is_set():
                started = time.monotonic()
                self._process = subprocess.Popen(
                    self._command, stdout=log, stderr=log, env=self._environment, start_new_session=True
                )
                self._process.wait()
                if time.monotonic() - started > _HEALTHY_SECONDS:
                    backoff = _FIRST_BACKOFF_SECONDS
                self._stopping.wait(backoff)
                backoff = min(backoff * 2, _MOST_BACKOFF_SECONDS)
