"""A function's log entry as a person reads it: the event, short ids, and the fields that say something."""

import re
from collections.abc import Iterator, Mapping

from emulator.terminal.own_frames import OwnFrames
from shared.contract.log_events import LogEvent

SEVERITY_COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}
# Either not what a person at a terminal looks for, or shown in a place of its own; the browser draws a sign-up's steps.
_NOT_AMONG_FIELDS = {
    *("message", "severity", "latency_ms", "exception", "stack", "time", "timestamp", "trace", "spanId"),
    *("look_up_ms", "hash_ms", "store_ms", "publish_ms", "act_ms"),
}
_HIDDEN_PREFIX = "logging.googleapis.com/"
_SAYS_NOTHING = {"", "attempts=1"}
_LONG_ID = re.compile(r"\b([0-9a-f]{8})[0-9a-f-]{24,}\b")


def is_idle(entry: Mapping[str, object]) -> bool:
    """Whether it tells only that a scheduled function had nothing to do, or found every promise kept."""
    match entry.get("message"):
        case LogEvent.OUTBOX_RELAYED:
            return not (entry.get("relayed") or entry.get("remaining"))
        case LogEvent.PROMISES_AUDITED:
            return entry.get("severity") == "INFO"
    return False


def log_text(entry: Mapping[str, object]) -> list[str]:
    """The entry on one line, then the traceback's, if it comes from a bug."""
    lines = [" ".join(_words(entry))]
    # What gives a code or a reason was foreseen: where it came from tells nothing more.
    if entry.get("code", "internal") == "internal" and "reason" not in entry and "stack" in entry:
        frames = OwnFrames()
        stack = [frames.kept(line) for line in str(entry["stack"]).splitlines()]
        lines += [line for line in [*stack, str(entry.get("exception", ""))] if line]
    return lines


def _words(entry: Mapping[str, object]) -> Iterator[str]:
    yield str(entry.get("message", ""))
    for key, value in entry.items():
        # The event's id follows from the user's.
        if key in _NOT_AMONG_FIELDS or key.startswith(_HIDDEN_PREFIX) or (key == "event_id" and "user_id" in entry):
            continue
        word = _field(key.removesuffix("_id"), value)
        if word not in _SAYS_NOTHING:
            yield word
    if latency := _rounded(entry.get("latency_ms")):
        yield f"{latency} ms"


def _field(key: str, value: object) -> str:
    """Nothing for a zero, False and the like."""
    if value is True:
        return key
    text = _LONG_ID.sub(r"\1", _rounded(value))
    return f"{key}={text}" if text else ""


def _rounded(value: object) -> str:
    if isinstance(value, float):
        value = round(value, 1)
    return str(value).removesuffix(".0") if value else ""
