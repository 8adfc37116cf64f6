"""A real NATS server of a test's own, that can be killed, paused and started again with what it has stored."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Self

from emulator.nats.launch import find_nats_server, nats_command
from testkit.free_ports import free_port
from testkit.polling import eventually

_START_SECONDS = 30


class NatsServer:
    """It keeps its port and its `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.address = f"127.0.0.1:{self._port}"
        self.url = f"nats://{self.address}"
        self.start()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        with TemporaryDirectory() as folder:
            server = cls(Path(folder))
            try:
                yield server
            finally:
                server.kill()

    def start(self, configuration: str = "") -> None:
        """With `configuration`, in the form of its configuration file, besides what is always set."""
        written = self._folder / "configuration"
        written.write_text(configuration)
        command = nats_command(find_nats_server(os.environ.get("PATH")), self._port, folder=self._folder)
        self._process = subprocess.Popen(
            [*command, "--config", str(written)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert eventually(self._answers, seconds=_START_SECONDS)

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def lose_everything(self) -> None:
        """Start again without what it has stored."""
        self.kill()
        rmtree(self._folder)
        self._folder.mkdir()
        self.start()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        """It greets whoever connects."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
            return connection.recv(4) == b"INFO"
        return False
