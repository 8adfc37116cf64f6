"""Turns Ctrl-C and SIGTERM into an orderly stop."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stop_on_signals(*, say: Callable[[str], None], kill: Callable[[], None]) -> Iterator[None]:
    """Cancel the current task at the first signal; at the second, `kill` the children and end this process at once."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    stopping = False

    def stop(number: int) -> None:
        nonlocal stopping
        if stopping:
            kill()
            os._exit(128 + number)
        stopping = True
        say("Stopping; what the stack itself held is gone now. (Once more to kill at once.)")
        if task:
            task.cancel()

    for each in signals:
        loop.add_signal_handler(each, stop, each)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
