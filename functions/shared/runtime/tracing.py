"""The W3C trace context that ties a request to its event, its mail and every log line; and how long its steps took."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str] = ContextVar("traceparent", default="")
_steps: ContextVar[dict[str, int]] = ContextVar("steps")


@contextmanager
def continued(traceparent: str | None) -> Iterator[str]:
    """Work inside the given trace context, or inside a new one where there is none or it is invalid; yields it."""
    if traceparent is None or not TRACEPARENT.fullmatch(traceparent):
        traceparent = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
    reset, reset_steps = _current.set(traceparent), _steps.set({})
    try:
        yield traceparent
    finally:
        _current.reset(reset)
        _steps.reset(reset_steps)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Work on a step of the trace: the log line of the outcome tells how long it took."""
    started = monotonic()
    try:
        yield
    finally:
        _steps.get({})[f"{name}_ms"] = round((monotonic() - started) * 1000)


def step_times() -> dict[str, int]:
    """Milliseconds by step, of those ended so far: `{"hash_ms": 231}`."""
    return _steps.get({})


def current_traceparent() -> str:
    """The trace context of the work at hand, for those that are called; empty outside of any."""
    return _current.get()


def current_trace_id() -> str | None:
    """The trace id of the work at hand: 32 hexadecimal digits."""
    match = TRACEPARENT.fullmatch(_current.get())
    return match and match[1]
