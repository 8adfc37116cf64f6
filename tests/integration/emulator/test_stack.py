import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from testkit.polling import eventually
from testkit.stack import LocalStack
from tests.integration.emulator.processes import alive, processes

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
    "notify_admin": """
import functions_framework
@functions_framework.cloud_event
def notify_admin(event):
    pass
""",
}


class PlainStack(LocalStack):
    """The local stack with functions that do next to nothing; Python's warnings are errors."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = {}) -> None:
        super().__init__(folder, environment, code=FUNCTIONS, options=("-X", "dev", "-W", "error"))

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


def answer(url: str) -> httpx.Response:
    """What `url` answers; 503 where nothing does."""
    try:
        return httpx.get(url, timeout=2, trust_env=False)
    except httpx.TransportError:
        return httpx.Response(503)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[PlainStack]:
    stack = PlainStack(tmp_path)
    yield stack
    stack.kill()


@pytest.fixture
def ready_stack(stack: PlainStack) -> PlainStack:
    stack.wait_until_ready()
    return stack


def test_sigterm_stops_everything_within_5_seconds(ready_stack: PlainStack) -> None:
    pids = ready_stack.pids()
    assert len(pids) >= 1 + 1 + 2 + 4 * 2  # itself, the guard, two emulators, each function's master and worker

    ready_stack.process.terminate()

    assert ready_stack.process.wait(5) == 0
    assert alive(pids) == []
    assert "Traceback" not in (log := ready_stack.log.read_text())
    assert "Warning" not in log
    assert "is gone now" in log


def test_sigkill_of_the_stack_leaves_nothing(ready_stack: PlainStack) -> None:
    pids = ready_stack.pids()

    ready_stack.process.kill()
    ready_stack.process.wait()

    assert eventually(lambda: not alive(pids), seconds=5)


@pytest.mark.parametrize("started", [1, 2, 3, 6, 9])
def test_signal_while_starting_stops_everything(stack: PlainStack, started: int) -> None:
    assert eventually(lambda: len(stack.pids()) >= started)
    pids = stack.pids()

    stack.process.terminate()

    assert stack.process.wait(5) in {0, -signal.SIGTERM}
    assert eventually(lambda: not alive(pids), seconds=1)  # the guard of one killed before it listens ends after it
    assert "Traceback" not in stack.log.read_text()


def test_killed_function_comes_back(ready_stack: PlainStack) -> None:
    before = ready_stack.child("build/create_user/main.py")

    os.kill(before, signal.SIGKILL)

    assert eventually(lambda: "create_user stopped with exit code -9" in ready_stack.log.read_text())
    assert eventually(ready_stack.is_ready)
    assert ready_stack.child("build/create_user/main.py") != before
    assert answer(ready_stack.create_user_url).status_code == 200


def test_changed_function_is_restarted_and_no_other(ready_stack: PlainStack) -> None:
    send_email = ready_stack.child("build/send_email/main.py")
    code = ready_stack.root / "functions" / "create_user" / "main.py"

    code.write_text("a = (\n")
    assert eventually(lambda: "SyntaxError" in ready_stack.log.read_text())
    code.write_text(FUNCTIONS["create_user"].replace("before", "after"))

    assert eventually(lambda: "after" in answer(ready_stack.create_user_url).text)
    assert eventually(ready_stack.is_ready)
    assert ready_stack.child("build/send_email/main.py") == send_email


def test_dead_emulator_ends_the_stack_with_the_reason(ready_stack: PlainStack) -> None:
    pids = ready_stack.pids()

    os.kill(ready_stack.child("cloud-firestore-emulator"), signal.SIGKILL)

    assert ready_stack.process.wait(5) == 1
    assert "Firestore emulator stopped with exit code -9: its data is gone" in ready_stack.log.read_text()
    assert alive(pids) == []


def test_dead_guard_ends_the_stack_with_the_reason(ready_stack: PlainStack) -> None:
    pids = ready_stack.pids()

    os.kill(ready_stack.child("guard.py"), signal.SIGKILL)

    assert ready_stack.process.wait(5) == 1
    assert "guard process" in ready_stack.log.read_text()
    assert alive(pids) == []


def test_busy_port_is_reported_before_anything_starts(ready_stack: PlainStack) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "emulator", "up", "--base-port", str(ready_stack.ports.base)],
        cwd=ready_stack.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.startswith(f"Port {ready_stack.ports.base} (create_user) is in use: ")
    assert second.stderr.count("\n") == 1


def test_emulators_that_the_environment_names_are_used(ready_stack: PlainStack, tmp_path: Path) -> None:
    second = PlainStack(tmp_path / "second", environment=ready_stack.emulator_hosts)
    try:
        second.wait_until_ready()
        assert not [command for command in alive(second.pids()) if "java" in command]
        assert "because PUBSUB_EMULATOR_HOST is set" in second.log.read_text()
    finally:
        assert second.stop() == 0
