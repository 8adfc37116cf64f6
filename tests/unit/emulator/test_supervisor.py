import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable

import pytest

from emulator.processes.status import Part, State
from emulator.processes.supervisor import Backoff, ChildDiedError, Program, Supervisor

FAST = Backoff(first_seconds=0.01, most_seconds=0.04, healthy_after_seconds=60)


async def at_once() -> bool:
    return True


class Child:
    """A supervised Python program and what is seen of it."""

    def __init__(
        self,
        code: str,
        *,
        answers: Callable[[], Awaitable[bool]] = at_once,
        started_line: str = "",
        backoff: Backoff | None = FAST,
        stop_seconds: float = 10,
    ) -> None:
        self.part = Part("child", "nowhere")
        self.lines: list[str] = []
        self.words: list[str] = []
        self.supervisor = Supervisor(
            self.part,
            Program([sys.executable, "-S", "-c", code], {}, answers, started_line),
            group_id=0,
            on_line=self.lines.append,
            say=self.words.append,
            backoff=backoff,
            stop_seconds=stop_seconds,
        )

    def run_until(self, condition: Callable[[], bool], then: Callable[[], None] = lambda: None) -> None:
        """Supervise until the condition holds, act, and stop."""
        asyncio.run(self._run_until(condition, then))

    async def _run_until(self, condition: Callable[[], bool], then: Callable[[], None]) -> None:
        running = asyncio.create_task(self.supervisor.run())
        async with asyncio.timeout(10):
            while not condition() and not running.done():  # noqa: ASYNC110  the condition is any
                await asyncio.sleep(0.005)
        then()
        running.cancel()
        await asyncio.wait([running])
        if not running.cancelled():
            running.result()


PRINT_PID_AND_WAIT = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"


def exists(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


def test_child_that_dies_is_started_again_with_growing_delays() -> None:
    child = Child("print('alive'); raise SystemExit(3)")

    child.run_until(lambda: len(child.words) == 4)

    assert child.words == [
        f"child stopped with exit code 3; restarting in {delay} s" for delay in ("0.01", "0.02", "0.04", "0.04")
    ]
    assert child.lines[:3] == ["alive"] * 3


def test_delay_starts_over_after_good_health() -> None:
    child = Child("", backoff=Backoff(first_seconds=0.01, most_seconds=9, healthy_after_seconds=0))

    child.run_until(lambda: len(child.words) == 3)

    assert all(words.endswith("in 0.01 s") for words in child.words)


def test_death_without_back_off_is_an_error() -> None:
    child = Child("raise SystemExit(4)", backoff=None)

    with pytest.raises(ChildDiedError, match="child stopped with exit code 4"):
        child.run_until(lambda: False)


def test_child_is_ready_when_it_has_printed_its_line_and_answers() -> None:
    asked_after: list[int] = []

    async def answers() -> bool:
        asked_after.append(len(child.lines))
        return len(asked_after) > 2

    child = Child(
        "import time\n"
        "print('loading', flush=True)\n"
        "time.sleep(0.1)\n"
        "print('Server started', flush=True)\n"
        "time.sleep(60)",
        answers=answers,
        started_line="Server started",
    )

    child.run_until(lambda: child.part.state is State.READY)

    assert asked_after == [2, 2, 2]
    assert child.part.state is State.STOPPED


def test_child_that_stops_responding_is_ready_again_once_it_responds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.processes.readiness._EVERY_SECONDS", 0.001)
    responses = iter([True, True, False, False, True])
    states: list[State] = []

    async def answers() -> bool:
        states.append(child.part.state)
        return next(responses, True)

    child = Child(PRINT_PID_AND_WAIT, answers=answers)

    child.run_until(lambda: len(states) >= 6)

    assert states[:6] == [
        State.STARTING,
        State.READY,
        State.READY,
        State.NOT_RESPONDING,
        State.NOT_RESPONDING,
        State.READY,
    ]


def test_child_that_was_paused_on_purpose_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.processes.readiness._EVERY_SECONDS", 0.001)
    asked = 0
    states: list[State] = []

    async def answers() -> bool:
        nonlocal asked
        asked += 1
        if asked == 2:
            child.part.enter(State.PAUSED)
        return asked % 2 == 1

    child = Child(PRINT_PID_AND_WAIT, answers=answers)

    child.run_until(lambda: asked >= 6, lambda: states.append(child.part.state))

    assert states == [State.PAUSED]


def test_restart_replaces_the_child_without_delay() -> None:
    child = Child(PRINT_PID_AND_WAIT, backoff=Backoff(first_seconds=60))
    asked = False

    def asks_once() -> bool:
        nonlocal asked
        if child.lines and not asked:
            asked = True
            child.supervisor.restart()
        return len(child.lines) == 2

    child.run_until(asks_once)

    assert child.words == []
    assert not any(exists(pid) for pid in child.lines)


def test_restart_cuts_the_back_off_short() -> None:
    child = Child("print('alive')", backoff=Backoff(first_seconds=60, most_seconds=60))
    asked = False

    def asks_once() -> bool:
        nonlocal asked
        if child.words and not asked:
            asked = True
            child.supervisor.restart()
        return len(child.lines) == 2

    child.run_until(asks_once)


def test_stop_asks_first() -> None:
    child = Child(
        "import os, signal, time, sys\n"
        # not print: the signal may come while the first line is still being printed
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(os.write(1, b'bye\\n') < 0))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )

    child.run_until(lambda: bool(child.lines))

    assert child.lines == ["ready", "bye"]


def test_stop_kills_what_does_not_listen() -> None:
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {PRINT_PID_AND_WAIT}"
    child = Child(deaf, stop_seconds=0.2)

    child.run_until(lambda: bool(child.lines))

    assert not exists(child.lines[0])


def test_long_line_comes_in_pieces() -> None:
    child = Child("print('x' * 1_000_000); print('next')")

    child.run_until(lambda: "next" in child.lines)

    *pieces, _ = child.lines[: child.lines.index("next") + 1]
    assert "".join(pieces) == "x" * 1_000_000
    assert max(map(len, pieces)) <= 2 * 64 * 1024


def test_bytes_that_are_not_text_are_shown_as_far_as_they_go() -> None:
    child = Child("import os; os.write(1, b'caf\\xe9\\r\\nlast')")

    child.run_until(lambda: len(child.lines) >= 2)

    assert child.lines[:2] == ["caf\ufffd", "last"]


def test_grandchild_that_holds_the_pipe_does_not_hold_the_restart() -> None:
    child = Child("import subprocess; print(subprocess.Popen(['/bin/sleep', '30']).pid, flush=True)")

    child.run_until(lambda: bool(child.words))

    os.kill(int(child.lines[0]), signal.SIGKILL)


def test_child_that_is_held_runs_again_only_when_it_is_released() -> None:
    child = Child(PRINT_PID_AND_WAIT)
    lines_while_held = 0

    async def hold_and_release() -> None:
        nonlocal lines_while_held
        running = asyncio.create_task(child.supervisor.run())
        async with asyncio.timeout(10):
            await until(lambda: len(child.lines) == 1)
            child.supervisor.hold()
            await until(lambda: child.part.state is State.STOPPED)
            child.supervisor.restart()  # as a change of its code does
            await asyncio.sleep(0.05)
            lines_while_held = len(child.lines)
            child.supervisor.release()
            await until(lambda: len(child.lines) == 2)
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(hold_and_release())

    assert lines_while_held == 1
    assert not any(exists(pid) for pid in child.lines)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  the condition is any
        await asyncio.sleep(0.005)
