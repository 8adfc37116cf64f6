"""What is deployed is locked by hash, all of it."""

import re
from pathlib import Path

import pytest

from deploy.bundle import stage
from deploy.topology import PROJECT_ROOT, read_topology

FUNCTIONS = read_topology().functions
LOCKED = re.compile(
    r"^([\w.-]+)(?:\[.+\])?==\S+(?: ; .+)? \\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.MULTILINE
)
DECLARED = re.compile(r"^[\w.-]+", re.MULTILINE)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_bundle_locks_everything_that_its_function_declares(name: str, tmp_path: Path) -> None:
    function = FUNCTIONS[name]
    (tmp_path / "functions").symlink_to(PROJECT_ROOT / "functions")

    lock = (stage(name, function, tmp_path) / "requirements.txt").read_text()

    declared = set(DECLARED.findall((PROJECT_ROOT / function.source / "requirements.in").read_text()))
    assert LOCKED.sub("", lock) == "", "a requirement without a version and a hash"
    assert declared <= set(LOCKED.findall(lock))
