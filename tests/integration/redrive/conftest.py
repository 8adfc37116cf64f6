"""The stack's servers with a project of the test's own, and what a redrive puts back on them."""

from collections.abc import Iterator
from secrets import token_hex

import pytest

from blueprint.topology import read_topology
from operations.redrive.system import EmulatorHosts, System, connect
from testkit.stack import LocalStack
from tests.integration.redrive.gone_wrong import GoneWrong


@pytest.fixture
def system(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    project = f"test-{token_hex(8)}"
    stack.broker.create_topics(project)
    monkeypatch.setattr("operations.brokers.pubsub._WAIT_SECONDS", 0.5)  # the emulator has what was published at once
    hosts = EmulatorHosts(
        firestore=stack.firestore_host, pubsub=stack.pubsub_host, nats_url=stack.environment.get("NATS_URL", "")
    )
    system = connect(project, read_topology().events, hosts)
    yield system
    system.firestore.close()  # type: ignore[no-untyped-call]  # the library's gap


@pytest.fixture
def gone_wrong(system: System, stack: LocalStack) -> GoneWrong:
    return GoneWrong(system, stack.broker, stack.broker.witness(system.firestore.project))
