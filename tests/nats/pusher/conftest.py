"""Pushers in this process, on real servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from testkit.nats_server import NatsServer
from testkit.pushed_project import PushedProject


@pytest.fixture(scope="session")
def shared_nats() -> Iterator[NatsServer]:
    """One that stays as it is."""
    with NatsServer.running() as server:
        yield server


@pytest.fixture
def nats() -> Iterator[NatsServer]:
    """One of a test's own, to kill and to pause."""
    with NatsServer.running() as server:
        yield server


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path) -> PushedProject:
    """On the test's own server, where it has one."""
    name = "nats" if "nats" in request.fixturenames else "shared_nats"
    return PushedProject(request.getfixturevalue(name).url, tmp_path)
