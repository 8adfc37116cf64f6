"""Redrives from the browser by running the same command that a person would."""

import asyncio
import shlex
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from blueprint.topology import PROJECT_ROOT

KINDS: Mapping[str, tuple[str, ...]] = {
    "dead_letters": (),
    "undeliverable": ("--undeliverable",),
    "malformed": ("--malformed",),
}

_PUT_BACK = " put back"  # as operations/redrive/command.py ends the line of each


@dataclass(frozen=True)
class Redriven:
    """The command that was run, what it said, and whether it left nothing."""

    command: str
    output: str
    complete: bool

    @property
    def put_back(self) -> frozenset[str]:
        """The ids of what was put back."""
        lines = self.output.splitlines()
        return frozenset(line.removesuffix(_PUT_BACK) for line in lines if line.endswith(_PUT_BACK))


async def run_redrive(kind: str, ids: Collection[str], *, base_port: int, environ: Mapping[str, str]) -> Redriven:
    """Put back what is of `kind`, all of it where no ids are given."""
    # One word, so that no id is taken for an option.
    selected = [*KINDS[kind], *(f"--id={each}" for each in ids)]
    arguments = ["-m", "emulator", "redrive", "--base-port", str(base_port), *selected]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=PROJECT_ROOT, env=environ, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return Redriven(shlex.join(["python", *arguments]), output.decode(errors="replace"), process.returncode == 0)
