import zipfile
from pathlib import Path

from emulator.google.launch import firestore_command, pubsub_command

JAVA = Path("/opt/java")


def a_jar(path: Path, manifest: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", manifest)
    return path


def test_pubsub_listens_on_loopback_only(tmp_path: Path) -> None:
    command = pubsub_command(JAVA, tmp_path / "pubsub.jar", 18085)

    assert command[0] == "/opt/java"
    assert command[-4:] == ["-jar", str(tmp_path / "pubsub.jar"), "--host=127.0.0.1", "--port=18085"]


def test_java_never_repeats_a_push_by_itself(tmp_path: Path) -> None:
    command = pubsub_command(JAVA, tmp_path / "pubsub.jar", 18085)

    assert "-Dsun.net.http.retryPost=false" in command[: command.index("-jar")]


def test_a_firestore_jar_that_names_its_main_class_is_run_by_it(tmp_path: Path) -> None:
    jar = a_jar(tmp_path / "firestore.jar", "Manifest-Version: 1.0\nMain-Class: some.Main\n")

    command = firestore_command(JAVA, jar, 18086)

    assert command[-6:] == ["-jar", str(jar), "--host", "127.0.0.1", "--port", "18086"]


def test_a_firestore_jar_without_main_class_is_told_which(tmp_path: Path) -> None:
    jar = a_jar(tmp_path / "firestore.jar", "Manifest-Version: 1.0\n")

    command = firestore_command(JAVA, jar, 18086)

    assert command[-7:-4] == ["-cp", str(jar), "com.google.cloud.datastore.emulator.firestore.CloudFirestore"]
