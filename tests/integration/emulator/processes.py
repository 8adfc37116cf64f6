"""The processes of this machine, as ps lists them."""

import subprocess
from dataclasses import dataclass


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
