import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.waiting import eventually, free_base_port

ROOT = Path(__file__).parents[3]

FUNCTIONS = {
    "create_user": """
import os
import functions_framework
@functions_framework.http
def create_user(request):
    return {"pid": os.getpid(), "text": "before"}
@functions_framework.http
def relay_outbox(request):
    return {"relayed": 0, "remaining": 0}
""",
    "send_email": """
import functions_framework
@functions_framework.cloud_event
def send_email(event):
    pass
""",
}


class RunningStack:
    """`python -m emulator up` on a copy of the project, with functions that do next to nothing."""

    def __init__(self, root: Path, environment: Mapping[str, str] = {}) -> None:
        for folder in ("deploy", "emulator", "functions"):
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "topology.toml", root)
        for name, code in FUNCTIONS.items():
            (root / "functions" / name / "main.py").write_text(code)
        self.root = root
        self.base = free_base_port()
        self.log = root / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-X", "dev", "-W", "error", "-m", "emulator", "up", "--base-port", str(self.base)],
                cwd=root,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
            )

    def url(self, offset: int, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.base + offset}{path}"

    def is_ready(self) -> bool:
        return answer(self.url(8, "/api/status")).status_code == 200

    def pids(self) -> list[int]:
        """The stack's own process and everything below it."""
        running = processes()
        found = [self.process.pid]
        for pid in found:
            found += [each.pid for each in running.values() if each.parent == pid]
        return found

    def child(self, part_of_command: str) -> int:
        """The one process that the stack itself has started with this in its command."""
        [pid] = [
            each.pid
            for each in processes().values()
            if each.parent == self.process.pid and part_of_command in each.command
        ]
        return pid


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    state: str
    command: str


def processes() -> dict[int, Process]:
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(maxsplit=3) for line in listed.splitlines()]
    return {int(pid): Process(int(pid), int(parent), state, command) for pid, parent, state, command in rows}


def alive(pids: list[int]) -> list[str]:
    """The commands of those that still run."""
    running = processes()
    return [running[pid].command for pid in pids if pid in running and not running[pid].state.startswith("Z")]


def answer(url: str) -> httpx.Response:
    """What `url` answers; 503 where nothing does."""
    try:
        return httpx.get(url, timeout=2, trust_env=False)
    except httpx.TransportError:
        return httpx.Response(503)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    stack = RunningStack(tmp_path)
    yield stack
    stack.process.kill()
    stack.process.wait()


@pytest.fixture
def ready_stack(stack: RunningStack) -> RunningStack:
    assert eventually(stack.is_ready), stack.log.read_text()
    return stack


def test_sigterm_stops_everything_within_5_seconds(ready_stack: RunningStack) -> None:
    pids = ready_stack.pids()
    assert len(pids) >= 1 + 1 + 2 + 3 * 2  # itself, the guard, two emulators, each function's master and worker

    ready_stack.process.terminate()

    assert ready_stack.process.wait(5) == 0
    assert alive(pids) == []
    assert "Traceback" not in (log := ready_stack.log.read_text())
    assert "Warning" not in log
    assert "is gone now" in log


def test_sigkill_of_the_stack_leaves_nothing(ready_stack: RunningStack) -> None:
    pids = ready_stack.pids()

    ready_stack.process.kill()
    ready_stack.process.wait()

    assert eventually(lambda: not alive(pids), seconds=5)


@pytest.mark.parametrize("after_seconds", [0.4, 0.8, 1.5])
def test_signal_while_starting_stops_everything(stack: RunningStack, after_seconds: float) -> None:
    time.sleep(after_seconds)
    pids = stack.pids()

    stack.process.terminate()

    assert stack.process.wait(5) in {0, -signal.SIGTERM}
    assert alive(pids) == []
    assert "Traceback" not in stack.log.read_text()


def test_killed_function_comes_back(ready_stack: RunningStack) -> None:
    before = ready_stack.child("build/create_user/main.py")

    os.kill(before, signal.SIGKILL)

    assert eventually(lambda: "create_user stopped with exit code -9" in ready_stack.log.read_text())
    assert eventually(ready_stack.is_ready)
    assert ready_stack.child("build/create_user/main.py") != before
    assert answer(ready_stack.url(0)).status_code == 200


def test_changed_function_is_restarted_and_no_other(ready_stack: RunningStack) -> None:
    send_email = ready_stack.child("build/send_email/main.py")
    code = ready_stack.root / "functions" / "create_user" / "main.py"

    code.write_text("a = (\n")
    assert eventually(lambda: "SyntaxError" in ready_stack.log.read_text())
    code.write_text(FUNCTIONS["create_user"].replace("before", "after"))

    assert eventually(lambda: "after" in answer(ready_stack.url(0)).text)
    assert eventually(ready_stack.is_ready)
    assert ready_stack.child("build/send_email/main.py") == send_email


def test_dead_emulator_ends_the_stack_with_the_reason(ready_stack: RunningStack) -> None:
    pids = ready_stack.pids()

    os.kill(ready_stack.child("CloudFirestore"), signal.SIGKILL)

    assert ready_stack.process.wait(5) == 1
    assert "Firestore emulator stopped with exit code -9: its data is gone" in ready_stack.log.read_text()
    assert alive(pids) == []


def test_dead_guard_ends_the_stack_with_the_reason(ready_stack: RunningStack) -> None:
    pids = ready_stack.pids()

    os.kill(ready_stack.child("guard.py"), signal.SIGKILL)

    assert ready_stack.process.wait(5) == 1
    assert "guard process" in ready_stack.log.read_text()
    assert alive(pids) == []


def test_busy_port_is_told_before_anything_starts(ready_stack: RunningStack) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "emulator", "up", "--base-port", str(ready_stack.base)],
        cwd=ready_stack.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.startswith(f"Port {ready_stack.base} (create_user) is in use: ")
    assert second.stderr.count("\n") == 1


def test_emulators_that_the_environment_names_are_used(ready_stack: RunningStack, tmp_path: Path) -> None:
    hosts = {
        "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{ready_stack.base + 5}",
        "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{ready_stack.base + 6}",
    }
    second = RunningStack(tmp_path / "second", environment=hosts)
    try:
        assert eventually(second.is_ready), second.log.read_text()
        assert not [command for command in alive(second.pids()) if "java" in command]
        assert "because PUBSUB_EMULATOR_HOST is set" in second.log.read_text()
    finally:
        second.process.terminate()
        second.process.wait(5)
