"""A mail server that accepts everything and keeps nothing, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testkit.free_ports import free_port
from testkit.polling import eventually, is_listening


@contextmanager
def mail_sink(certificates: Path | None = None) -> Iterator[str]:
    """Yields its port. Where a folder of `testkit.certificates` is given, it insists on STARTTLS."""
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", f"127.0.0.1:{port}"]
    if certificates:
        command += ["--tlscert", str(certificates / "certificate.pem"), "--tlskey", str(certificates / "key.pem")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            assert eventually(lambda: is_listening(port)), "the mail server did not start"
            yield str(port)
        finally:
            process.terminate()
