import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from testkit.plain_http import http
from testkit.polling import eventually
from tests.integration.emulator.plain_stack import FUNCTIONS, PlainStack
from tests.integration.emulator.processes import alive


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The process is there and does nothing, as one that hangs."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def answer(url: str) -> httpx.Response:
    """What `url` answers; 503 where nothing does."""
    try:
        return http.get(url, timeout=2)
    except httpx.TransportError:
        return httpx.Response(503)


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[PlainStack]:
    """One with emulators of its own."""
    own = PlainStack(tmp_path, {})
    yield own
    own.kill()


@pytest.fixture
def firestore_stack(tmp_path: Path, emulators: Mapping[str, str]) -> Iterator[PlainStack]:
    """One with a Firestore of its own alone."""
    own = PlainStack(tmp_path, {name: host for name, host in emulators.items() if name == "PUBSUB_EMULATOR_HOST"})
    yield own
    own.kill()


@pytest.fixture
def lean_stack(tmp_path: Path, emulators: Mapping[str, str]) -> Iterator[PlainStack]:
    lean = PlainStack(tmp_path, emulators)
    yield lean
    lean.kill()


@pytest.fixture(scope="module")
def lasting_stack(tmp_path_factory: pytest.TempPathFactory, emulators: Mapping[str, str]) -> Iterator[PlainStack]:
    """For what a stack survives."""
    lasting = PlainStack(tmp_path_factory.mktemp("lasting"), emulators)
    lasting.wait_until_ready()
    yield lasting
    lasting.kill()


def test_sigterm_stops_everything_within_5_seconds(own_stack: PlainStack) -> None:
    own_stack.wait_until_ready()
    pids = own_stack.pids()
    assert len(pids) >= 1 + 1 + 2 + 4 * 2  # itself, the guard, two emulators, each function's master and worker

    own_stack.process.terminate()

    assert own_stack.process.wait(5) == 0
    assert alive(pids) == []
    assert "Traceback" not in (log := own_stack.log.read_text())
    assert "Warning" not in log
    assert "is gone now" in log
    assert list(own_stack.home.iterdir()) == []  # which might be read-only


def test_sigkill_of_the_stack_leaves_nothing(lean_stack: PlainStack) -> None:
    lean_stack.wait_until_ready()
    pids = lean_stack.pids()

    lean_stack.process.kill()
    lean_stack.process.wait()

    assert eventually(lambda: not alive(pids), seconds=5)


@pytest.mark.parametrize(
    ("which", "started"),
    [
        *(pytest.param("own_stack", each, marks=pytest.mark.exhaustive) for each in (1, 3)),
        *[("own_stack", 2), ("lean_stack", 7)],  # with the first emulator, and with the first workers
        pytest.param("lean_stack", 4, marks=pytest.mark.exhaustive),
    ],
)
def test_signal_while_starting_stops_everything(request: pytest.FixtureRequest, which: str, started: int) -> None:
    stack: PlainStack = request.getfixturevalue(which)
    assert eventually(lambda: len(stack.pids()) >= started)
    pids = stack.pids()

    stack.process.terminate()

    assert stack.process.wait(30) in {0, -signal.SIGTERM}
    assert eventually(lambda: not alive(pids), seconds=1)  # the guard of one killed before it listens ends after it
    assert "Traceback" not in stack.log.read_text()


def test_killed_function_comes_back(lasting_stack: PlainStack) -> None:
    before = lasting_stack.child("build/create_user/main.py")

    os.kill(before, signal.SIGKILL)

    assert eventually(lambda: "create_user stopped with exit code -9" in lasting_stack.log.read_text())
    assert eventually(lasting_stack.is_ready)
    assert lasting_stack.child("build/create_user/main.py") != before
    assert answer(lasting_stack.create_user_url).status_code == 200


def test_function_that_hangs_is_not_responding_until_it_goes_on(lasting_stack: PlainStack) -> None:
    assert eventually(lasting_stack.is_ready)
    worker = lasting_stack.worker("build/notify_admin/main.py")

    with stopped(worker):
        assert eventually(lambda: lasting_stack.not_responding() == ["notify_admin"])
        assert not lasting_stack.is_ready()

    assert eventually(lasting_stack.is_ready)


def test_changed_function_is_restarted_and_no_other(lasting_stack: PlainStack) -> None:
    send_email = lasting_stack.child("build/send_email/main.py")
    code = lasting_stack.root / "functions" / "create_user" / "main.py"

    code.write_text("a = (\n")
    assert eventually(lambda: "SyntaxError" in lasting_stack.log.read_text())
    code.write_text(FUNCTIONS["create_user"].replace("before", "after"))

    assert eventually(lambda: "after" in answer(lasting_stack.create_user_url).text)
    assert eventually(lasting_stack.is_ready)
    assert lasting_stack.child("build/send_email/main.py") == send_email


def test_emulator_that_hangs_is_not_responding_and_one_that_dies_ends_the_stack_with_the_reason(
    firestore_stack: PlainStack,
) -> None:
    firestore_stack.wait_until_ready()
    pids = firestore_stack.pids()
    firestore = firestore_stack.child("cloud-firestore-emulator")

    with stopped(firestore):
        assert eventually(lambda: firestore_stack.not_responding() == ["firestore"])
    assert eventually(firestore_stack.is_ready)
    os.kill(firestore, signal.SIGKILL)

    assert firestore_stack.process.wait(30) == 1
    assert "Firestore emulator stopped with exit code -9: its data is gone" in firestore_stack.log.read_text()
    assert alive(pids) == []


def test_dead_guard_ends_the_stack_with_the_reason(lean_stack: PlainStack) -> None:
    lean_stack.wait_until_ready()
    pids = lean_stack.pids()

    os.kill(lean_stack.child("guard.py"), signal.SIGKILL)

    assert lean_stack.process.wait(30) == 1
    assert "guard process" in lean_stack.log.read_text()
    assert alive(pids) == []


def test_busy_port_is_reported_before_anything_starts(lasting_stack: PlainStack) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "emulator", "up", "--base-port", str(lasting_stack.ports.base)],
        cwd=lasting_stack.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.startswith(f"Port {lasting_stack.ports.base} (create_user) is in use: ")
    assert second.stderr.count("\n") == 1


def test_changed_topology_is_used_from_the_next_start_on_and_its_faults_are_told(lasting_stack: PlainStack) -> None:
    file, fresh = lasting_stack.root / "topology.toml", lasting_stack.root / "fresh"
    before = file.read_text()

    fresh.write_text(before.replace("port = 2\n", "port = 1\n"))
    fresh.replace(file)  # as editors do it
    assert eventually(lambda: "[functions.send_email]: port 1 is the port of relay" in lasting_stack.log.read_text())
    file.write_text(before.replace("port = 2\n", "port = 9\n"))
    assert eventually(lambda: "topology.toml changed: stop the stack" in lasting_stack.log.read_text())

    file.write_text(before)
    assert lasting_stack.is_ready()


def test_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, emulators: Mapping[str, str]) -> None:
    root = tmp_path / "für Usher" / "project"
    root.mkdir(parents=True)
    (root / "build").write_text("")  # a file, so that even root cannot make the folder

    stack = PlainStack(tmp_path, emulators)

    assert stack.process.wait(30) == 1
    lines = [line for line in stack.log.read_text().splitlines() if not line.startswith("Executing <Task")]  # slowly
    assert lines[-1].startswith("The functions cannot be staged in build/ (")
    assert len(lines) <= 2 + 1 + 1  # both emulators are told of, and the inbox may be ready by then


def test_emulators_that_the_environment_names_are_used(lasting_stack: PlainStack) -> None:
    assert not [command for command in alive(lasting_stack.pids()) if "java" in command]
    assert "because PUBSUB_EMULATOR_HOST is set" in lasting_stack.log.read_text()
