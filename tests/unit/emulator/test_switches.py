import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.processes.errors import StackError
from emulator.processes.status import Part, State
from emulator.trouble.switches import process_switch
from testkit.polling import eventually


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.send_signal(signal.SIGKILL)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the state of a process from Linux's /proc")
def test_unreachable_process_stands_still_until_it_is_switched_back(process: subprocess.Popen[bytes]) -> None:
    part = Part("Pub/Sub emulator", "127.0.0.1:8085", State.READY, process.pid)
    switch = process_switch(part)

    def state() -> str:
        return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]

    asyncio.run(switch.put("unreachable"))
    assert eventually(lambda: state() == "T")
    assert (part.state, switch.position) == (State.PAUSED, "unreachable")

    asyncio.run(switch.put("up"))
    assert eventually(lambda: state() == "S")
    assert part.state is State.READY


def test_switch_put_where_it_stands_makes_no_process_ready_that_is_still_starting() -> None:
    part = Part("Pub/Sub emulator", "127.0.0.1:8085", State.STARTING, os.getpid())

    asyncio.run(process_switch(part).put("up"))

    assert part.state is State.STARTING


def test_process_that_the_stack_did_not_start_cannot_be_cut_off() -> None:
    switch = process_switch(Part("Pub/Sub emulator", "127.0.0.1:8085"))

    with pytest.raises(StackError, match="was not started by this stack"):
        asyncio.run(switch.put("unreachable"))
    assert switch.position == "up"
