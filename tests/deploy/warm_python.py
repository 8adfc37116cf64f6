"""gcloud's `CLOUDSDK_PYTHON`: its own interpreter, which has imported gcloud already."""

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from testkit.polling import eventually

_PROGRAM = str(Path(__file__).with_name("forked_gcloud.py"))


@contextmanager
def warm_python(gcloud: str) -> Iterator[Path]:
    python, root = subprocess.run(
        [gcloud, "info", "--format=value(basic.python_location,installation.sdk_root)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    with TemporaryDirectory() as folder:  # pytest's own are too deep for a socket's address
        socket, client = Path(folder, "socket"), Path(folder, "python")
        client.write_text(f'#!/bin/sh\nexec {shlex.join([python, "-IS", _PROGRAM, "ask", str(socket)])} "$@"\n')
        client.chmod(0o755)
        server = subprocess.Popen([python, "-S", _PROGRAM, "serve", str(socket), f"{root}/lib/gcloud.py"])
        try:
            assert eventually(socket.exists, seconds=60)
            yield client
        finally:
            server.terminate()
            server.wait()
