"""
One pair of Google's emulators for all processes of a test run: projects keep them apart.

`python -m testkit.emulators FOLDER` runs the pair for as long as any process holds the lock FOLDER/in_use.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, LOCK_UN, flock
from pathlib import Path
from typing import IO

from google.cloud.firestore import Client

from emulator.google.emulators import local_emulators
from emulator.google.running import run_emulator
from emulator.processes.ports import Ports
from emulator.processes.process_group import process_group
from emulator.terminal.terminal import Terminal
from testkit.own_environment import own_environment
from testkit.polling import eventually

_ROOT = Path(__file__).parent.parent
_START_SECONDS = 60
_LOOK_EVERY_SECONDS = 0.2


@contextmanager
def shared_emulators(folder: Path) -> Iterator[Mapping[str, str]]:
    """
    The emulators' addresses, by the variables that Google's libraries read.

    The first process that comes with `folder` starts them. They end when the last one leaves, even if it is killed.
    """
    addresses, log = folder / "addresses", folder / "log"
    with (folder / "in_use").open("w") as users, (folder / "turn").open("w") as turn:
        flock(turn, LOCK_EX)
        flock(users, LOCK_SH)
        if not addresses.exists():
            _start(folder, log)
            assert eventually(addresses.exists, seconds=_START_SECONDS), log.read_text()
        flock(turn, LOCK_UN)
        yield json.loads(addresses.read_text())


def _start(folder: Path, log: Path) -> None:
    """Let the program outlive this process, which happened to come first."""
    os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "testkit.emulators", str(folder)],
        {**own_environment(), "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'functions'}"},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


async def _run(folder: Path) -> None:
    environ = own_environment()
    emulators = local_emulators(Ports(base=0), environ)
    terminal = Terminal(sys.stdout, sys.stderr)
    async with process_group() as group, asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(
                run_emulator(
                    each.emulator, each.part, port=each.port_behind, group=group, terminal=terminal, environ=environ
                )
            )
            for each in emulators
        ]
        for each in emulators:
            await each.part.ready.wait()
        await asyncio.to_thread(_warm_up, emulators.host_settings)
        (folder / "new").write_text(json.dumps(emulators.host_settings))
        (folder / "new").rename(folder / "addresses")
        with (folder / "in_use").open() as users:
            while not _is_unused(users):  # noqa: ASYNC110  a lock sets no event
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
            (folder / "addresses").unlink()  # still under the lock: whoever comes next starts others
        for task in running:
            task.cancel()


def _warm_up(hosts: Mapping[str, str]) -> None:
    """Make Firestore's first calls here, where they may take their time: the functions give each two seconds."""
    os.environ.update(hosts)
    document = Client(project="warm-up").document("some/document")
    document.set({})
    document.get()
    document.parent.get()
    document.delete()


def _is_unused(users: IO[str]) -> bool:
    try:
        flock(users, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1])))
