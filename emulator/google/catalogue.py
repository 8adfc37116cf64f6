"""Which emulators there are, and the pinned copies of them that can be downloaded."""

import tomllib
from enum import StrEnum
from pathlib import Path, PurePosixPath

import msgspec


class Emulator(StrEnum):
    """One of Google's emulators, by the name of its component in the Google Cloud CLI."""

    PUBSUB = "pubsub-emulator"
    FIRESTORE = "cloud-firestore-emulator"


class Download(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    A pinned file: a jar, or a zip that contains one.

    `jar` is the pattern of the jar's path in the zip; `minimum_java` the oldest Java that runs it.
    """

    url: str
    size_bytes: int
    sha256: str
    minimum_java: int
    jar: str | None = None

    @property
    def file_name(self) -> str:
        return PurePosixPath(self.url).name

    @property
    def jar_name(self) -> str:
        return PurePosixPath(self.url).with_suffix(".jar").name


def read_catalogue() -> dict[Emulator, Download]:
    return msgspec.convert(
        tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text()), dict[Emulator, Download]
    )
