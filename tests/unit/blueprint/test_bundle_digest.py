"""Two bundles have one digest if, and only if, the same files are in them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from blueprint.bundle import digest_of

_FILES = {"main.py": "import shared", "shared/logs.py": "pass"}


def bundle(folder: Path) -> Path:
    for name, text in _FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_same_files_elsewhere_have_the_same_digest(tmp_path: Path) -> None:
    assert digest_of(bundle(tmp_path / "one")) == digest_of(bundle(tmp_path / "another"))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "main.py").write_text("import shared\n"),
        lambda folder: (folder / "main.py").rename(folder / "other.py"),
        lambda folder: (folder / "shared/empty.py").touch(),
        lambda folder: (folder / "shared/logs.py").unlink(),
    ],
    ids=["another byte", "another name", "one more", "one less"],
)
def test_any_change_has_another(change: Callable[[Path], object], tmp_path: Path) -> None:
    before = digest_of(bundle(tmp_path))

    change(tmp_path)

    assert digest_of(tmp_path) != before
