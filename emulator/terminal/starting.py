"""Shows the progress of the stack's start."""

import asyncio
import time

from emulator.processes.status import Part, StackStatus
from emulator.terminal.terminal import Terminal


async def show_start(status: StackStatus, terminal: Terminal) -> None:
    """Wait until every part is ready, telling of each."""
    started = time.monotonic()
    not_ready = {part.name: part for part in status.parts.values()}
    with terminal.console.status("") as spinner:
        for next_ready in asyncio.as_completed([_ready(part) for part in status.parts.values()]):
            spinner.update(f"Starting {', '.join(not_ready)}")
            part = await next_ready
            del not_ready[part.name]
            terminal.say(f"{time.monotonic() - started:4.1f} s  {part.name} ready")


async def _ready(part: Part) -> Part:
    await part.ready.wait()
    return part
