"""A ceiling for requests to sign up: no hash slows a flood of them, and each may be a mail to a stranger."""

from collections import deque
from threading import Lock
from time import monotonic

_MINUTE = 60.0  # seconds


class TooManyRequestsError(Exception):
    """There were too many within a minute. Nothing was stored; the next one is admitted after `wait_seconds`."""

    def __init__(self, wait_seconds: float) -> None:
        super().__init__()
        self.wait_seconds = wait_seconds


class RequestRate:
    """Admits `a_minute` requests within any minute, counted in this process."""

    def __init__(self, *, a_minute: int) -> None:
        self._admitted: deque[float] = deque(maxlen=a_minute)
        self._lock = Lock()

    def admit(self) -> None:
        """
        Count a request.

        Raises:
            TooManyRequestsError: It is one too many, and not counted.
        """
        with self._lock:
            now = monotonic()
            if len(self._admitted) == self._admitted.maxlen and (passed := now - self._admitted[0]) < _MINUTE:
                raise TooManyRequestsError(_MINUTE - passed)
            self._admitted.append(now)
