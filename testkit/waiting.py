"""Polling with a deadline, and free ports."""

import secrets
import socket
import time
from collections.abc import Callable
from typing import TypeVar

import httpx

T = TypeVar("T")


def eventually(look: Callable[[], T], *, seconds: float = 20) -> T:
    """What `look` returns as soon as that is true, or what it returned last."""
    deadline = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return seen


def is_serving(url: str) -> bool:
    """Whether a server answers at `url`, which ends with a slash; the functions-framework does without its function."""
    try:
        httpx.get(f"{url}robots.txt", trust_env=False)
    except httpx.TransportError:
        return False
    return True


def is_listening(port: int) -> bool:
    """Whether a server takes connections at the port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_base_port() -> int:
    """A port with nine free ones after it, below those that the system gives to clients."""
    while True:
        base = secrets.choice(range(20000, 32000, 10))
        if all(_is_free(port) for port in range(base, base + 10)):
            return base


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
