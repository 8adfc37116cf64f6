"""Shows one user's journey in the terminal: what `python -m emulator trace` does."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import msgspec

from emulator.commands.local_stack import ask


class _Step(msgspec.Struct):
    name: str
    by: str
    start: float
    end: float
    detail: str


class _Journey(msgspec.Struct):
    user_id: str
    event_id: str
    trace_id: str
    state: str
    steps: list[_Step]


def trace(who: str, *, ui_url: str, client: httpx.Client, say: Callable[[str], None]) -> None:
    """
    Say the steps of the journey of `who`, an address or the ID of a user or an event, in the order in which they ended.

    Each has its time of day, and when it ended, counted from the request.

    Raises:
        StackError: No stack responds at `ui_url`, or it has seen no such sign-up.
    """
    journey = ask(f"{ui_url}/api/journey", _Journey, client, query={"of": who})
    say(f"user {journey.user_id}\nevent {journey.event_id}\ntrace {journey.trace_id}\n")
    started = min(step.start for step in journey.steps)
    for step in sorted(journey.steps, key=lambda step: step.end):
        at = datetime.fromtimestamp(step.end, UTC).astimezone()
        after_ms = round((step.end - started) * 1000)
        line = f"{at:%H:%M:%S.%f}"[:-3] + f" {after_ms:>7} ms  {step.name:<16} {step.by:<13} {step.detail}"
        say(line.rstrip())
    say(f"\n{journey.state}")
