"""The real local stack, `python -m emulator up`, on free ports."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import httpx

from emulator.functions.environment import LOCAL_PROJECT
from emulator.processes.ports import HOST, Ports
from shared.broker.settings import Broker
from testkit.brokers.running_broker import RunningBroker
from testkit.brokers.running_nats import RunningNats
from testkit.brokers.running_pubsub import RunningPubsub
from testkit.free_ports import free_base_port
from testkit.own_environment import own_environment
from testkit.plain_http import http
from testkit.polling import eventually

_ROOT = Path(__file__).parent.parent
_START_SECONDS = 60
_STOP_SECONDS = 30


class LocalStack:
    """
    A running stack and where its parts are.

    It runs from a copy of `source`, the project, below `folder`: a stack that runs from the checkout itself keeps its
    bundles, and an edit meanwhile restarts nothing. `code` takes the place of functions' main.py, by folder; `options`
    are those of `python`. Emulators and a project that `environment` names are used as they are. What the stack prints
    goes to its log, or to the descriptor `output`.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        *,
        source: Path = _ROOT,
        python: Path = Path(sys.executable),
        code: Mapping[str, str] = {},
        options: Sequence[str] = (),
        output: int | None = None,
    ) -> None:
        self.environment = environment
        self.root = root = folder / "project"
        for part in ("blueprint", "deploy", "emulator", "functions", "operations", "pusher"):
            # With what is compiled already, not with what another process is writing.
            shutil.copytree(source / part, root / part, ignore=shutil.ignore_patterns("*.pyc.*"))
        shutil.copy(source / "topology.toml", root)
        for name, text in code.items():
            (root / "functions" / name / "main.py").write_text(text)
        self.bundles = root / "build"
        self.logs = folder / "logs"
        self.logs.mkdir()
        self.log = self.logs / "stack.log"
        self.ports = Ports(free_base_port())
        self.create_user_url, self.send_email_url, self.relay_outbox_url, self.notify_admin_url = (
            f"http://{HOST}:{self.ports.base + offset}/" for offset in (0, 1, 2, 3)
        )
        self.ui_url = f"http://{HOST}:{self.ports.ui}/"
        self.project = environment.get("GOOGLE_CLOUD_PROJECT", LOCAL_PROJECT)
        self.pubsub_host = environment.get("PUBSUB_EMULATOR_HOST", f"{HOST}:{self.ports.broker}")
        self.firestore_host = environment.get("FIRESTORE_EMULATOR_HOST", f"{HOST}:{self.ports.firestore}")
        self.smtp_host = f"{HOST}:{self.ports.smtp}"
        nats_url = environment.get("NATS_URL", f"nats://{HOST}:{self.ports.broker}")
        is_on_nats = environment.get("EVENT_BROKER") == Broker.NATS
        self._nats = RunningNats(nats_url, self.logs) if is_on_nats else None
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [python, *options, "-m", "emulator", "up", "--base-port", str(self.ports.base)],
                cwd=root,
                stdout=log if output is None else output,
                stderr=log if output is None else output,
                env={**own_environment(), **environment},
            )

    @classmethod
    @contextmanager
    def running(cls, environment: Mapping[str, str] = {}) -> Iterator[Self]:
        """A stack that is ready to be used, and gone afterwards whatever became of it."""
        with TemporaryDirectory() as folder:
            stack = cls(Path(folder), environment)
            try:
                stack.wait_until_ready()
                yield stack
            finally:
                stack.kill()

    @property
    def broker(self) -> RunningBroker:
        """What carries the events: the Pub/Sub emulator, or the NATS server of the stack or of NATS_URL."""
        return self._nats or RunningPubsub(self.pubsub_host)

    @property
    def emulator_hosts(self) -> dict[str, str]:
        """The settings that make Google's client libraries use this stack's emulators."""
        pubsub = {} if self._nats else {"PUBSUB_EMULATOR_HOST": self.pubsub_host}
        return {**pubsub, "FIRESTORE_EMULATOR_HOST": self.firestore_host}

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return http.get(f"{self.ui_url}api/status").is_success
        except httpx.TransportError:
            return False

    def wait_until_ready(self) -> None:
        assert eventually(self.is_ready, seconds=_START_SECONDS), self.log.read_text()

    def push_events_of(self, project: str, url: str | None = None, *, subscription: str = "send-email") -> None:
        """Push the events of another project to `url`, or to the stack's own send_email."""
        self.broker.push_events_of(project, url or self.send_email_url, subscription=subscription)

    def push_no_events_of(self, project: str) -> None:
        self.broker.push_no_events_of(project)

    def log_lines(self) -> list[str]:
        """What the stack, and every function that a test has started beside it, has printed so far."""
        return [line for log in self.logs.iterdir() for line in log.read_text().splitlines()]

    def stop(self) -> int:
        """Stop it as Ctrl-C would, and return its exit code."""
        self.broker.close()
        self.process.terminate()
        return self.process.wait(_STOP_SECONDS)

    def kill(self) -> None:
        """End it whatever it does; its guard ends the rest."""
        self.broker.close()
        self.process.kill()
        self.process.wait()
