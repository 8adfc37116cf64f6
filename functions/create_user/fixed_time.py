"""Pads work to a fixed duration so that timing reveals nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from shared.contract.log_events import LogEvent
from shared.runtime import logs


@contextmanager
def ending_at_multiples_of(seconds: float) -> Iterator[None]:
    """
    End the work, whether it succeeds or fails, so many `seconds` after its beginning.

    Work that takes longer ends at the next multiple, which reveals something: a warning says so.
    """
    started = monotonic()
    try:
        yield
    finally:
        passed_seconds = monotonic() - started
        sleep(seconds - passed_seconds % seconds)
        if passed_seconds > seconds:
            logs.warning(LogEvent.ANSWERED_LATE, late_ms=round((passed_seconds - seconds) * 1000))
