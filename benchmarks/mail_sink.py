"""A mail server that accepts everything, in a process of its own: `python -m benchmarks.mail_sink [CERTIFICATES]`."""

import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testkit.smtp_server import Script, serving


@contextmanager
def mail_sink(certificates: Path | None = None) -> Iterator[str]:
    """Yields its port. Where a folder of `testkit.certificates` is given, it offers STARTTLS."""
    command = [sys.executable, "-m", "benchmarks.mail_sink", *([str(certificates)] if certificates else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _script(certificates: list[str]) -> Script:
    if not certificates:
        return Script()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(f"{certificates[0]}/certificate.pem", f"{certificates[0]}/key.pem")
    return Script(tls=tls, extensions=("STARTTLS",))


if __name__ == "__main__":
    with serving(_script(sys.argv[1:])) as script:
        print(script.port, flush=True)
        threading.Event().wait()
