"""The word list that scripts/check-english holds texts to. What it must not find is spelt here in two parts."""

import subprocess
from pathlib import Path

import pytest

from blueprint.topology import PROJECT_ROOT


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("The request time-" + "out is 50 s.", "page.md:2:time-" + "out -> timeout"),
        ("Me" + "nd this first:", "page.md:2:Me" + "nd -> fix"),
        ("The key is" + " no UUID.", "page.md:2:is" + " no UUID -> is not a ..."),
        ("The key is no longer a UUID; there is no other. It recommends a standing order.", ""),
    ],
)
def test_wording_of_the_list_is_reported_with_its_replacement(tmp_path: Path, text: str, finding: str) -> None:
    (tmp_path / "page.md").write_text(f"# A page\n{text}\n")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "page.md"], cwd=tmp_path, check=True)

    done = subprocess.run(
        [PROJECT_ROOT / "scripts" / "check-english"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.stdout.strip(), done.returncode) == (finding, 1 if finding else 0)
