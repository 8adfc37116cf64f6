import asyncio
import io
from pathlib import Path

import pytest
from rich.console import Console

from emulator.google.catalogue import Emulator, read_catalogue
from emulator.google.find import FoundEmulator, find_emulator, find_sdk_root

QUIET = Console(file=io.StringIO())


def a_file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def find(emulator: Emulator, sdk_root: Path | None, cache: Path) -> FoundEmulator:
    return asyncio.run(
        find_emulator(emulator, read_catalogue()[emulator], sdk_root=sdk_root, cache=cache, console=QUIET)
    )


def test_the_sdk_is_where_the_gcloud_program_really_is(tmp_path: Path) -> None:
    gcloud = a_file(tmp_path / "google-cloud-sdk" / "bin" / "gcloud")
    linked = tmp_path / "usr" / "gcloud"
    linked.parent.mkdir()
    linked.symlink_to(gcloud)

    sdk_root = find_sdk_root({"PATH": str(linked.parent)})

    assert sdk_root == (tmp_path / "google-cloud-sdk").resolve()


def test_without_gcloud_there_is_no_sdk() -> None:
    assert find_sdk_root({"PATH": ""}) is None


@pytest.mark.parametrize(
    ("emulator", "jar"),
    [
        (Emulator.PUBSUB, "platform/pubsub-emulator/lib/cloud-pubsub-emulator-0.8.20-all.jar"),
        (Emulator.FIRESTORE, "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"),
    ],
)
def test_an_installed_component_comes_before_a_downloaded_copy(tmp_path: Path, emulator: Emulator, jar: str) -> None:
    installed = a_file(tmp_path / "sdk" / jar)
    a_file(tmp_path / "cache" / read_catalogue()[emulator].jar_name)

    found = find(emulator, tmp_path / "sdk", tmp_path / "cache")

    assert found == FoundEmulator(installed, minimum_java=17)


def test_a_downloaded_copy_is_used_where_the_sdk_lacks_the_component(tmp_path: Path) -> None:
    a_file(tmp_path / "sdk" / "bin" / "gcloud")
    downloaded = a_file(tmp_path / "cache" / "pubsub-emulator-0.8.35.jar")

    found = find(Emulator.PUBSUB, tmp_path / "sdk", tmp_path / "cache")

    assert found == FoundEmulator(downloaded, minimum_java=21)


def test_the_catalogue_pins_every_emulator() -> None:
    catalogue = read_catalogue()

    assert set(catalogue) == set(Emulator)
    assert all(len(bytes.fromhex(pinned.sha256)) == 32 for pinned in catalogue.values())
