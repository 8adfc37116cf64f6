"""What gcloud uploaded, built as the buildpack builds it and run as Cloud Run runs it."""

import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from testkit.free_ports import free_port
from testkit.polling import eventually, is_serving
from tests.deploy.fake_google.state import State

_VERSION = "3.13"  # of BASE_IMAGE
_START_SECONDS = 60


def deployed_python() -> str | None:
    """An interpreter of the deployed version, if this machine has one."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [shutil.which(f"python{_VERSION}"), *sorted(versions.glob(f"{_VERSION}.*/bin/python{_VERSION}"))]
    return next((str(path) for path in candidates if path and _runs(path)), None)


def _runs(python: str | Path) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def unpack(state: State, service: str, folder: Path) -> Path:
    """Unpack the newest upload of a service."""
    newest = max(name for name in state.uploads if f"/{service}/" in name)
    with zipfile.ZipFile(io.BytesIO(state.uploads[newest])) as archive:
        archive.extractall(folder)
    return folder


def build(source: Path, python: str) -> Path:
    """Install what the upload locks, compile its own code and check; return the interpreter of the result."""
    subprocess.run([python, "-m", "venv", "--without-pip", source / ".venv"], check=True)
    own = source / ".venv" / "bin" / "python"
    pip = (python, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", own)
    for step in (
        (*pip, "install", "--no-compile", "--require-hashes", "-r", "requirements.txt"),
        (own, "-m", "compileall", "-q", "-x", r"/\.venv/", "."),
        (*pip, "check"),
    ):
        subprocess.run(step, cwd=source, check=True)
    return own


def environment(state: State, service: str) -> dict[str, str]:
    """The variables of the deployed revision, with the secrets that it refers to."""
    values = {}
    for variable in state.services[service]["spec"]["template"]["spec"]["containers"][0]["env"]:
        if source := variable.get("valueFrom"):
            reference = source["secretKeyRef"]
            values[variable["name"]] = state.versions[reference["name"]][int(reference["key"]) - 1].decode()
        else:
            values[variable["name"]] = variable["value"]
    return values


@contextmanager
def running(python: Path, source: Path, target: str, settings: Mapping[str, str]) -> Iterator[str]:
    """Run the function and yield its URL."""
    port = free_port()
    log = source.parent / f"{target}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [python, "-m", "functions_framework", "--host", "127.0.0.1", "--port", str(port)],
            cwd=source,
            stdout=output,
            stderr=output,
            env={"PATH": "/usr/bin:/bin", "FUNCTION_TARGET": target, **settings},
        )
    url = f"http://127.0.0.1:{port}/"

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        return is_serving(url)

    try:
        assert eventually(answers, seconds=_START_SECONDS), log.read_text()
        yield url
    finally:
        process.terminate()
        process.wait(30)
