"""The emulators with the topics of a project of the test's own, and what a redrive puts back on them."""

from collections.abc import Iterator
from secrets import token_hex

import pytest

from blueprint.topology import read_topology
from emulator.google.topics import create_topics
from operations.redrive.system import EmulatorHosts, System, connect
from testkit.stack import LocalStack
from tests.integration.redrive.gone_wrong import PULL_SECONDS, GoneWrong

_TOPOLOGY = read_topology()


@pytest.fixture
def system(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    project = f"test-{token_hex(8)}"
    create_topics(_TOPOLOGY, project=project, pubsub_host=stack.pubsub_host, push_endpoints={})
    monkeypatch.setattr("operations.redrive.dead_letters._WAIT_SECONDS", PULL_SECONDS)
    hosts = EmulatorHosts(firestore=stack.firestore_host, pubsub=stack.pubsub_host)
    system = connect(project, _TOPOLOGY.events, hosts)
    system.subscriber.create_subscription(name=f"projects/{project}/subscriptions/witness", topic=system.topic)
    yield system
    system.firestore.close()  # type: ignore[no-untyped-call]  # the library's gap
    system.publisher.transport.close()  # type: ignore[no-untyped-call]  # the library's gap
    system.subscriber.transport.close()  # type: ignore[no-untyped-call]  # the library's gap


@pytest.fixture
def gone_wrong(system: System) -> GoneWrong:
    return GoneWrong(system, dead_letter_topic=f"projects/{system.firestore.project}/topics/user.created.dead-letter")
