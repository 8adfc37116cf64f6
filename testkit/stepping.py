"""Runs work step by step: it stops before each of its effects until a test says how the effect goes."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from queue import Queue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
_DEADLINE_SECONDS = 20
_OVER = "over"


class Crash(BaseException):
    """The work's process ends here."""


class Way(Enum):
    """How an effect goes."""

    WELL = auto()
    FAILS = auto()  # it does not happen
    REPLY_LOST = auto()  # it happens, and the work does not learn it
    REPEATED = auto()  # it happens, its reply is lost, and the library repeats it
    CRASH_BEFORE = auto()
    CRASH_AFTER = auto()


GOING_WRONG = tuple(way for way in Way if way is not Way.WELL)


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self, skew_seconds: float = 0) -> datetime:
        return datetime(2026, 11, 5, tzinfo=UTC) + timedelta(seconds=self.seconds + skew_seconds)


class Stepped(ABC):
    """
    Work in a thread of its own, which starts at once. It, or a thread that it waits for, calls `effect` at each effect.

    `result` is what the work returned, `error` what ended it, where that is neither `expected` nor a crash.
    """

    expected: tuple[type[Exception], ...]

    def __init__(self) -> None:
        self._ways: Queue[Way] = Queue()
        self._stops: Queue[str] = Queue()
        self.result: object = None
        self.error: BaseException | None = None
        Thread(target=self._run, daemon=True).start()
        self.stopped_at = self._stops.get(timeout=_DEADLINE_SECONDS)

    @abstractmethod
    def work(self) -> object: ...

    @property
    def is_over(self) -> bool:
        return self.stopped_at == _OVER

    def step(self, way: Way) -> None:
        """Let the effect that it has stopped at go this way; return when it has stopped again or is over."""
        self._ways.put(way)
        self.stopped_at = self._stops.get(timeout=_DEADLINE_SECONDS)

    def go_on(self, steps: int = 1000) -> None:
        """So many steps at most, all going well."""
        for _ in range(steps):
            if self.is_over:
                break
            self.step(Way.WELL)

    def effect(self, name: str, do: Callable[[], T], *, failed: Exception, unknown: Exception | None = None) -> T:
        """Stop here, then `do` it. The work is told `failed` or, where it happened all the same, `unknown`."""
        self._stops.put(name)
        way = self._ways.get()
        if way is Way.CRASH_BEFORE:
            raise Crash
        if way is Way.FAILS:
            raise failed
        result = do()
        if way is Way.CRASH_AFTER:
            raise Crash
        if way is Way.REPLY_LOST:
            raise unknown or failed
        return do() if way is Way.REPEATED else result

    def _run(self) -> None:
        try:
            self.result = self.work()
        except BaseException as error:  # noqa: BLE001  the test has to see it: nobody sees a thread's exceptions
            if not isinstance(error, (Crash, *self.expected)):
                self.error = error
        self._stops.put(_OVER)
