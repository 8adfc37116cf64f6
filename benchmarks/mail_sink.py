"""A mail server that accepts everything and keeps nothing, in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from testkit.free_ports import free_port
from testkit.polling import eventually, is_listening


@contextmanager
def mail_sink() -> Iterator[str]:
    """Yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            assert eventually(lambda: is_listening(port)), "the mail server did not start"
            yield str(port)
        finally:
            process.terminate()
