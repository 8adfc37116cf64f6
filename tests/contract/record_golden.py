"""
Records what a version publishes, and its .proto files, when it is released: `python -m tests.contract.record_golden`.

The version is the one in pyproject.toml. What is recorded is never changed.
"""

import shutil
import tomllib
from pathlib import Path

import msgspec

from shared.events.codec import Encoding, encode
from testkit.golden_events import FOLDER, Golden
from tests.unit.shared.events import EVENTS

ROOT = Path(__file__).parents[2]


def this_version() -> str:
    version: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    return f"v{version}"


def record(folder: Path) -> None:
    """
    Record in a new folder.

    Raises:
        FileExistsError: The version is recorded already.
    """
    folder.mkdir()
    for proto in (ROOT / "functions" / "shared" / "events").glob("*.proto"):
        shutil.copy(proto, folder)
    for event in EVENTS:
        golden = Golden(msgspec.to_builtins(event), {encoding: encode(event, encoding) for encoding in Encoding})
        text = msgspec.json.format(msgspec.json.encode(golden))
        (folder / f"{event.type}.json").write_bytes(text + b"\n")


if __name__ == "__main__":
    record(FOLDER / this_version())
