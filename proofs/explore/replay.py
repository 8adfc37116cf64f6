"""Runs a process again from its beginning, with the results of its calls so far, up to its next call. No threads."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, uuid5
from zlib import crc32

_NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)


class Call(NamedTuple):
    """
    A call that leaves the process.

    `changes`: it may change what is stored, at once or later. `repeated`: the client library may make it twice.
    """

    what: str
    arguments: Hashable = ()
    changes: bool = False
    repeated: bool = False


class Told(NamedTuple):
    """What a process is told about its call: a value, or an error, which is told apart from others by identity."""

    value: Any = None
    error: Exception | None = None


class _Stopped(BaseException):
    """The process makes a call of which no result is recorded."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call


class _Run:
    """One run of a process."""

    def __init__(self, process: str, tell: Callable[[int, Call], Told]) -> None:
        self.process = process
        self.seconds: float | None = None
        self.ids = 0
        self.raised: list[Exception] = []
        self._calls = 0
        self._tell = tell

    def ask(self, call: Call) -> Any:
        told = self._tell(self._calls, call)
        self._calls += 1
        if told.error:
            self.raised.append(told.error)
            raise told.error
        return told.value


_running: list[_Run] = []


def ask(call: Call) -> Any:
    """Make a call: of whichever process is running, and what it is told is up to the exploration."""
    return _running[-1].ask(call)


class _Id(NamedTuple):
    hex: str

    def __str__(self) -> str:
        return str(uuid5(NAMESPACE_OID, self.hex))


def unique_id() -> _Id:
    """In place of uuid4: the same each time that the process is run again."""
    run = _running[-1]
    run.ids += 1
    return _Id(f"{run.process} {run.ids}")


def wall_clock() -> datetime:
    """Some time: processes of one kind, as two pushes, agree to the microsecond, and no others do."""
    kind = _running[-1].process.partition(" ")[0]
    return _NOON + timedelta(milliseconds=crc32(kind.encode()) >> 12)


def monotonic() -> float:
    """A process's monotonic clock: its first reading is 0, and each later one as late as the exploration likes."""
    run = _running[-1]
    run.seconds = 0.0 if run.seconds is None else float(ask(Call("clock", ("clock", run.seconds))))
    return run.seconds


@contextmanager
def answered_by(tell: Callable[[int, Call], Told], process: str = "") -> Iterator[None]:
    """Answer each call of what is run inside: `tell` gets its number and the call."""
    _running.append(run := _Run(process, tell))
    try:
        yield
    finally:
        _running.pop()
        for error in run.raised:  # again in other runs; its traceback would keep all that is explored in memory
            error.__traceback__ = error.__context__ = error.__cause__ = None


def answer_of(process: Callable[[], str]) -> str:
    """An exception that the code lets through is an answer, too."""
    try:
        return process()
    except Exception as error:  # noqa: BLE001  a bug, which the model judges
        return f"500 {type(error).__name__}"


def replay(name: str, process: Callable[[], str], history: Sequence[Told]) -> tuple[Call | None, str]:
    """Return the call at which the process stops, or else its answer."""

    def tell(number: int, call: Call) -> Told:
        if number < len(history):
            return history[number]
        raise _Stopped(call)

    with answered_by(tell, name):
        try:
            return None, answer_of(process)
        except _Stopped as stopped:
            return stopped.call, ""
