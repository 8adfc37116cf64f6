"""What is staged: a function as it is uploaded, the same by the verb and by its script."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.conftest import copy_project

PAGE = {f"page/sign-up.{ending}" for ending in ("html", "js", "css")}
WANTED = {"main.py", "requirements.txt", "shared/runtime/logs.py", "shared/deliveries/deliver_once.py"} | PAGE


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The project, and what a checkout holds beside the code."""
    root = copy_project(tmp_path)
    for name in ("shared/runtime/.DS_Store", "create_user/__pycache__/main.cpython-313.pyc", "create_user/.env/secret"):
        file = root / "functions" / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
    return root


def test_bundle_is_reproducible_and_holds_nothing_else(checkout: Path) -> None:
    first, again = (staged_by(checkout, [sys.executable, "-m", "deploy", "bundle"]) for _ in range(2))

    names = {name.partition("/")[2] for name in first}
    assert first == again
    assert names >= WANTED
    assert not [name for name in names if not name.endswith((".py", ".txt", ".html", ".js", ".css"))]


def test_its_script_stages_the_same(checkout: Path) -> None:
    script = subprocess.run(
        [sys.executable, "-m", "deploy", "bundle", "--dry-run"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert staged_by(checkout, ["bash", "-c", script]) == staged_by(
        checkout, [sys.executable, "-m", "deploy", "bundle"]
    )


def staged_by(checkout: Path, command: list[str]) -> dict[str, bytes]:
    """Each file below build/ and what it holds."""
    printed = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout
    assert "build/create_user/\n" in printed
    build = checkout / "build"
    return {str(file.relative_to(build)): file.read_bytes() for file in build.rglob("*") if file.is_file()}
