"""The real local stack, `python -m emulator up`, on free ports."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import httpx

from blueprint.topology import read_topology
from emulator.functions.environment import LOCAL_PROJECT
from emulator.google.topics import create_topics
from emulator.processes.ports import HOST, Ports
from operations.redrive.system import EMULATORS
from testkit.free_ports import free_base_port
from testkit.plain_http import http
from testkit.polling import eventually

_ROOT = Path(__file__).parent.parent
_START_SECONDS = 60
_STOP_SECONDS = 30


def own_environment() -> dict[str, str]:
    """The environment of the tests without what their user may have set for a stack."""
    functions = read_topology().functions.values()
    settings = {name for function in functions for name in [*function.settings, *function.secrets]} | set(EMULATORS)
    return {name: value for name, value in os.environ.items() if name not in settings}


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
        for part in ("blueprint", "deploy", "emulator", "functions", "operations"):
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
        self.pubsub_host = environment.get("PUBSUB_EMULATOR_HOST", f"{HOST}:{self.ports.pubsub}")
        self.firestore_host = environment.get("FIRESTORE_EMULATOR_HOST", f"{HOST}:{self.ports.firestore}")
        self.smtp_host = f"{HOST}:{self.ports.smtp}"
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
    def emulator_hosts(self) -> dict[str, str]:
        """The settings that make Google's client libraries use this stack's emulators."""
        return {"PUBSUB_EMULATOR_HOST": self.pubsub_host, "FIRESTORE_EMULATOR_HOST": self.firestore_host}

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return http.get(f"{self.ui_url}api/status").is_success
        except httpx.TransportError:
            return False

    def wait_until_ready(self) -> None:
        assert eventually(self.is_ready, seconds=_START_SECONDS), self.log.read_text()

    def push_events_of(self, project: str, url: str | None = None, *, subscription: str = "send-email") -> None:
        """Create the topics of another project; its events are pushed to `url`, or to the stack's own send_email."""
        endpoint = f"{url or self.send_email_url}projects/{project}/topics/user.created"
        create_topics(
            read_topology(), project=project, pubsub_host=self.pubsub_host, push_endpoints={subscription: endpoint}
        )

    def push_no_events_of(self, project: str) -> None:
        """Delete its subscriptions: the emulator goes on asking each, and repeating what nobody takes any more."""
        pubsub = f"http://{self.pubsub_host}/v1"
        found = http.get(f"{pubsub}/projects/{project}/subscriptions").raise_for_status().json()
        for subscription in found.get("subscriptions", ()):
            http.delete(f"{pubsub}/{subscription['name']}").raise_for_status()

    def log_lines(self) -> list[str]:
        """What the stack, and every function that a test has started beside it, has printed so far."""
        return [line for log in self.logs.iterdir() for line in log.read_text().splitlines()]

    def stop(self) -> int:
        """Stop it as Ctrl-C would, and return its exit code."""
        self.process.terminate()
        return self.process.wait(_STOP_SECONDS)

    def kill(self) -> None:
        """End it whatever it does; its guard ends the rest."""
        self.process.kill()
        self.process.wait()
