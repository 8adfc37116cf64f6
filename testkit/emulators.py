"""
One pair of Google's emulators for all processes of a test run: projects keep them apart.

`python -m testkit.emulators FOLDER` runs the pair for as long as any process holds the lock FOLDER/users.
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

from emulator.google.running import HOST_VARIABLES, run_emulator
from emulator.processes.ports import HOST, Ports
from emulator.processes.process_group import process_group
from emulator.processes.status import Part
from emulator.terminal import Terminal
from testkit.stack import own_environment
from testkit.waiting import eventually

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
        {**own_environment(), "PYTHONPATH": str(_ROOT)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


async def _run(folder: Path) -> None:
    ports = Ports(base=0).behind(len(HOST_VARIABLES))
    hosts = {variable: f"{HOST}:{port}" for variable, port in zip(HOST_VARIABLES.values(), ports, strict=True)}
    parts = [Part(variable, host) for variable, host in hosts.items()]
    terminal = Terminal(sys.stdout, sys.stderr)
    async with process_group() as group, asyncio.TaskGroup() as running:
        emulators = [
            running.create_task(
                run_emulator(emulator, part, port=port, group=group, terminal=terminal, environ=own_environment())
            )
            for emulator, part, port in zip(HOST_VARIABLES, parts, ports, strict=True)
        ]
        for part in parts:
            await part.ready.wait()
        (folder / "new").write_text(json.dumps(hosts))
        (folder / "new").rename(folder / "addresses")
        with (folder / "in_use").open() as users:
            while not _is_unused(users):  # noqa: ASYNC110  a lock sets no event
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
            (folder / "addresses").unlink()  # still under the lock: whoever comes next starts others
        for emulator in emulators:
            emulator.cancel()


def _is_unused(users: IO[str]) -> bool:
    try:
        flock(users, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1])))
