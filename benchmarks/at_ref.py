"""The functions of a git ref, staged as that ref itself stages them."""

import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

from blueprint.topology import PROJECT_ROOT

_STAGE_ALL = """\
from blueprint.bundle import stage
from blueprint.topology import read_topology
for name, function in read_topology().functions.items():
    stage(name, function)
"""


class UnknownRefError(Exception):
    """Git does not know the ref."""


def bundles_at(ref: str, folder: Path, *, repository: Path = PROJECT_ROOT) -> Path:
    """
    The folder of the bundles, below `folder`, which is left with the whole tree of the ref.

    Raises:
        UnknownRefError: There is no such commit.
    """
    command = ("git", "archive", "--format=tar", f"{ref}^{{tree}}")
    archived = subprocess.run(command, cwd=repository, capture_output=True, check=False)
    if archived.returncode:
        raise UnknownRefError(archived.stderr.decode().strip())
    with tarfile.open(fileobj=BytesIO(archived.stdout)) as tree:
        tree.extractall(folder, filter="data")
    subprocess.run([sys.executable, "-c", _STAGE_ALL], cwd=folder, check=True)
    return folder / "build"
