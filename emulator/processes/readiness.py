"""Sees whether a part that was ready still responds: a process may hang, or have been stopped, and yet be there."""

import asyncio
from collections.abc import Awaitable, Callable

from emulator.processes.status import Part, State

ANSWER_SECONDS = 2.0  # for one response; a part that needs longer is not responding
_EVERY_SECONDS = 2.0


async def keep_asking(part: Part, is_serving: Callable[[], Awaitable[bool]]) -> None:
    """
    Ask the part again and again, until cancelled: it is `not responding` until it responds again.

    One that is paused or stopped on purpose stays so.
    """
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        serving = await is_serving()
        if part.state in {State.READY, State.NOT_RESPONDING}:
            part.enter(State.READY if serving else State.NOT_RESPONDING)
