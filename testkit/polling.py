"""Polling with a deadline."""

import socket
import time
from collections.abc import Callable
from typing import TypeVar

import httpx

from testkit.plain_http import http

# Longer than whatever a loaded machine breaks takes to heal: a claim whose reply was late holds its event for 45 s, and
# an event whose publish was late waits for the relay, up to 70 s.
PATIENCE_SECONDS = 100

T = TypeVar("T")


def eventually(look: Callable[[], T], *, seconds: float = PATIENCE_SECONDS) -> T:
    """What `look` returns as soon as that is true, or what it returned last."""
    deadline = time.monotonic() + seconds
    while not (seen := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return seen


def is_serving(url: str) -> bool:
    """Whether a server answers at `url`, which ends with a slash; the functions-framework does without its function."""
    try:
        http.get(f"{url}robots.txt")
    except httpx.TransportError:
        return False
    return True


def is_listening(port: int) -> bool:
    """Whether a server takes connections at the port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
