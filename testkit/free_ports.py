"""Ports that nothing listens on."""

import secrets
import socket

from emulator.processes.ports import is_free


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_base_port() -> int:
    """A port with nine free ones after it, below those that the system gives to clients."""
    while True:
        base = secrets.choice(range(20000, 32000, 10))
        if all(is_free(port) for port in range(base, base + 10)):
            return base
