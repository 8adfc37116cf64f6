"""
The real gcloud without its start: three quarters of a command's CPU time are spent on importing gcloud's modules.

`serve` imports them once, on gcloud's own interpreter, and forks for each command; each fork runs gcloud's own script
from its first line, and ends without taking the interpreter apart. `ask` stands in for the interpreter: it hands
arguments, environment and streams to the server.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import sys
from itertools import dropwhile
from pathlib import Path

_LARGEST_REQUEST = 1 << 20
# Every command's parser imports the second, every command about Cloud Run the third.
_IMPORTED = (
    "googlecloudsdk.gcloud_main",
    "googlecloudsdk.api_lib.container.api_adapter",
    "googlecloudsdk.command_lib.run.serverless_operations",
)


def serve(path: str, script: str) -> None:
    runpy.run_path(script)  # as a module it only puts gcloud's folders on the path
    for module in _IMPORTED:
        __import__(module)
    gc.freeze()  # a fork that looked through all this would copy it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        while True:
            connection, _ = server.accept()
            with connection:
                if os.fork() == 0:
                    server.close()
                    _run(connection)


def _run(connection: socket.socket) -> None:
    """Do in a process of its own what the client was to do, and tell it the exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    received, streams, _, _ = socket.recv_fds(connection, _LARGEST_REQUEST, 3)
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        connection.sendall(bytes([os.waitstatus_to_exitcode(status) % 256]))
        os._exit(0)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    folder, sys.argv, environment = json.loads(received)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        atexit._run_exitfuncs()  # noqa: SLF001  as the interpreter would
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))


def ask(path: str, options: list[str]) -> int:
    arguments = list(dropwhile(lambda option: option.startswith("-"), options))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        request = json.dumps([str(Path.cwd()), arguments, dict(os.environ)]).encode()
        socket.send_fds(connection, [request], [0, 1, 2])
        return (connection.recv(1) or b"\1")[0]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(*sys.argv[2:])
    sys.exit(ask(sys.argv[2], sys.argv[3:]))
