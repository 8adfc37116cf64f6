"""scripts/check_docs.py, in a repository of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "check_docs.py"
SOUND = (
    "# Title\n\n## What's `new`?\n\n[a](#whats-new) [b](other.md#there) ![c](c.png)\n[d](https://e.org/#f) `[g](h)`\n"
)


def complaints(folder: Path, readme: str) -> list[str]:
    (folder / "README.md").write_text(readme)
    (folder / "other.md").write_text("# There\n\n```\n# Not there\n```\n")
    (folder / "c.png").touch()
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    checked = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False)
    lines = checked.stderr.splitlines()
    assert checked.returncode == bool(lines)
    return lines


def test_sound_pages_pass(tmp_path: Path) -> None:
    assert complaints(tmp_path, SOUND + "w" * 120 + "\n| " + "w " * 25 + "|\n") == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("[a](gone.md)", "README.md: links to gone.md, which does not exist"),
        ("[a](#gone)", "README.md: links to #gone, which README.md does not have"),
        ("[a](other.md#not-there)", "README.md: links to other.md#not-there, which other.md does not have"),
        ("x" * 121, "README.md:7: has 121 columns, more than 120"),
        ("| a | " + "b " * 26 + "|", "README.md:7: has a table cell of more than 25 words"),
        ("\n" * 120, "README.md: has 127 lines, more than 120"),
    ],
)
def test_fault_is_named(tmp_path: Path, wrong: str, complaint: str) -> None:
    assert complaints(tmp_path, f"{SOUND}{wrong}\n") == [complaint]
