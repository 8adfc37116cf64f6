"""Shows one user's journey in the terminal: what `python -m emulator trace` does."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

import httpx

from emulator.processes.errors import StackError


def trace(user_id: str, *, ui_url: str, client: httpx.Client, say: Callable[[str], None]) -> None:
    """
    Say each step of the journey, with its time of day and when it ended, counted from the request.

    Raises:
        StackError: No stack responds at `ui_url`, or it has seen no sign-up of this user.
    """
    try:
        answer = client.get(f"{ui_url}/api/journeys/{user_id}")
    except httpx.TransportError as error:
        raise StackError(f"No local stack is responding at {ui_url}: start it with make run.") from error
    if answer.status_code == HTTPStatus.NOT_FOUND:
        raise StackError(answer.text)
    journey = answer.raise_for_status().json()
    say(f"user {journey['user_id']}\nevent {journey['event_id']}\ntrace {journey['trace_id']}\n")
    started = min(step["start"] for step in journey["steps"])
    for step in journey["steps"]:
        at = datetime.fromtimestamp(step["end"], UTC).astimezone()
        after_ms = round((step["end"] - started) * 1000)
        line = f"{at:%H:%M:%S.%f}"[:-3] + f" {after_ms:>7} ms  {step['name']:<16} {step['by']:<13} {step['detail']}"
        say(line.rstrip())
    say(f"\n{journey['state']}")
