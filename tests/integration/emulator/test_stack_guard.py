import os
import signal
import subprocess
import sys
from pathlib import Path

from testkit.polling import eventually

ROOT = Path(__file__).parents[3]

# A small stack: a child that has a child of its own, neither of which listens to SIGTERM when told so.
PARENT = """
import asyncio, sys
from emulator.processes.process_group import process_group

CHILD = '''
import signal, subprocess, sys, time
if sys.argv[1] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-S", "-c",
    "import signal, sys, time; sys.argv[1] == 'deaf' and signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
    sys.argv[1]])
print(grandchild.pid, flush=True)
time.sleep(60)
'''

async def main():
    async with process_group() as group:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-S", "-c", CHILD, sys.argv[1], stdout=asyncio.subprocess.PIPE, process_group=group.id)
        grandchild = await child.stdout.readline()
        print(group.id, child.pid, int(grandchild), flush=True)
        await group.watch() if sys.argv[2] == "watch" else await asyncio.sleep(0 if sys.argv[2] == "leave" else 60)
    await child.communicate()

asyncio.run(main())
"""


class Parent:
    """Runs PARENT. Its children inherit its standard error, so that is a file: a pipe would only end with them."""

    def __init__(self, folder: Path, hearing: str = "hears", then: str = "wait") -> None:
        self._errors = folder / "errors"
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PARENT, hearing, then],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout
        with self.process.stdout as output:
            self.guard, *self.children = map(int, output.readline().split())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)

    def errors(self) -> str:
        """What the parent has printed once it ended by itself."""
        self.process.wait(30)
        return self._errors.read_text()

    def nothing_is_left(self, *, within_seconds: float) -> bool:
        return eventually(lambda: not any(map(is_alive, [self.guard, *self.children])), seconds=within_seconds)


def is_alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def test_children_and_grandchildren_end_with_a_killed_parent(tmp_path: Path) -> None:
    parent = Parent(tmp_path)
    assert len(parent.children) == 2
    assert all(map(is_alive, [parent.guard, *parent.children]))

    parent.kill()

    assert parent.nothing_is_left(within_seconds=2)


def test_what_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    parent = Parent(tmp_path, "deaf")

    parent.kill()

    assert parent.nothing_is_left(within_seconds=5)


def test_guard_does_not_listen_to_signals_meant_for_others(tmp_path: Path) -> None:
    parent = Parent(tmp_path)

    os.kill(parent.guard, signal.SIGINT)
    os.kill(parent.guard, signal.SIGTERM)
    parent.kill()

    assert parent.nothing_is_left(within_seconds=2)


def test_nothing_is_left_when_the_parent_leaves_in_order(tmp_path: Path) -> None:
    parent = Parent(tmp_path, "deaf", then="leave")

    assert parent.errors() == ""
    assert parent.nothing_is_left(within_seconds=1)


def test_death_of_the_guard_is_reported(tmp_path: Path) -> None:
    parent = Parent(tmp_path, then="watch")

    os.kill(parent.guard, signal.SIGKILL)

    assert "guard process" in parent.errors()
    assert parent.nothing_is_left(within_seconds=1)
