"""Golden events: what each released version has published, recorded for good. Every later version decodes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from shared.events.codec import Encoding
from shared.events.message import Message

FOLDER = Path(__file__).parent.parent / "tests" / "contract" / "golden"
# The widest and strangest that a sign-up was ever accepted with, of no version in particular.
LIMITS = Path(__file__).parent.parent / "tests" / "contract" / "golden_limits"


@dataclass(frozen=True)
class Golden:
    """An event's fields, and its message in each encoding."""

    event: Mapping[str, Any]
    messages: Mapping[Encoding, Message]


def recorded_versions() -> list[Path]:
    """The folder of each released version, `v0.1.0`, from the oldest to the newest."""
    return sorted(FOLDER.iterdir(), key=lambda folder: [int(part) for part in folder.name[1:].split(".")])


def read_goldens(version: Path) -> Iterator[tuple[str, Golden]]:
    """What a version has recorded, by event type."""
    for file in version.glob("*.json"):
        yield file.stem, msgspec.json.decode(file.read_bytes(), type=Golden)
