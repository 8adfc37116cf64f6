"""Finds Google's emulators: the Google Cloud CLI's components, or else copies downloaded once."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from rich.console import Console

from emulator.google.catalogue import Download, Emulator, read_catalogue
from emulator.google.download import download

USER_CACHE = platformdirs.user_cache_path("usher")

_JAR_IN_SDK = {
    Emulator.PUBSUB: "platform/pubsub-emulator/lib/*-all.jar",
    Emulator.FIRESTORE: "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar",
}
_MINIMUM_JAVA_OF_SDK = 17


@dataclass(frozen=True)
class FoundEmulator:
    """An emulator's jar on this machine, and the oldest Java that runs it."""

    jar: Path
    minimum_java: int


def find_sdk_root(environment: Mapping[str, str]) -> Path | None:
    """
    Where the Google Cloud CLI is installed, if it is.

    Derived from where its program really is: asking it (`gcloud info`) takes most of a second.
    """
    gcloud = shutil.which("gcloud", path=environment.get("PATH", ""))
    return Path(gcloud).resolve().parent.parent if gcloud else None


async def find_emulator(
    emulator: Emulator, pinned: Download, *, sdk_root: Path | None, console: Console, cache: Path = USER_CACHE
) -> FoundEmulator:
    """
    Find the installed component, else the downloaded copy, else download it; progress goes to `console`.

    Raises:
        StackError: It is not there and cannot be downloaded.
    """
    installed = _installed_jar(emulator, sdk_root)
    if installed:
        return FoundEmulator(installed, _MINIMUM_JAVA_OF_SDK)
    return FoundEmulator(await download(emulator, pinned, cache, console=console), pinned.minimum_java)


def minimum_java(environment: Mapping[str, str]) -> int:
    """The oldest Java that runs every emulator, as `find_emulator` would find them."""
    sdk_root = find_sdk_root(environment)
    pinned = read_catalogue()
    return max(
        _MINIMUM_JAVA_OF_SDK if _installed_jar(emulator, sdk_root) else pinned[emulator].minimum_java
        for emulator in Emulator
    )


def _installed_jar(emulator: Emulator, sdk_root: Path | None) -> Path | None:
    return next(sdk_root.glob(_JAR_IN_SDK[emulator]), None) if sdk_root else None
