"""
Lets no child outlive the stack, whatever ends the stack: a program of its own that leads the children's process group.

Its standard input is a pipe that only the stack holds. The pipe's end means that the stack is gone, also after SIGKILL,
on Linux and macOS alike. It is run by path, with `-S`, so that it starts fast and stays small.
"""

import os
import signal
import sys
import time

_GRACE_SECONDS = 3.0


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    os.write(sys.stdout.fileno(), b".")  # on guard
    os.read(sys.stdin.fileno(), 1)
    group = os.getpid()
    os.killpg(group, signal.SIGTERM)
    if os.fork():
        os._exit(0)  # leaves the group, so that its end can be seen
    os.setpgid(0, 0)
    deadline = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.05)
        if not _exists(group):
            return
    os.killpg(group, signal.SIGKILL)


def _exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # macOS refuses where only zombies are left
        return False
    return True


if __name__ == "__main__":
    main()
