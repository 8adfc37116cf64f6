import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks.at_ref import UnknownRefError, bundles_at
from blueprint.topology import PROJECT_ROOT, read_topology


def git(repository: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ewan", "-c", "user.email=ewan@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=repository, check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """With what stages a bundle in its one commit."""
    root = tmp_path / "repository"
    for part in ("blueprint", "functions"):
        shutil.copytree(PROJECT_ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT_ROOT / "topology.toml", root)
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "Begin")
    return root


def test_bundles_are_of_the_commit_and_not_of_the_working_tree(repository: Path, tmp_path: Path) -> None:
    main = repository / "functions" / "send_email" / "main.py"
    committed = main.read_text()
    main.write_text("raise SystemExit\n")

    bundles = bundles_at("HEAD", tmp_path / "then", repository=repository)

    assert {bundle.name for bundle in bundles.iterdir()} == set(read_topology().functions)
    assert (bundles / "send_email" / "main.py").read_text() == committed
    assert (bundles / "send_email" / "shared" / "events").is_dir()


def test_unknown_ref_is_named(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownRefError, match="v99"):
        bundles_at("v99", tmp_path / "then", repository=repository)
