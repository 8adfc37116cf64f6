"""The real local stack, started once and only where a test asks for it; under xdist each worker has its own."""

import gc
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from google.cloud.firestore import Client

from emulator.processes.ports import HOST
from shared.broker.settings import Broker
from testkit.canary import LINK_KEYS, PEPPERS, leaks
from testkit.dealing import deal
from testkit.emulators import shared_emulators
from testkit.inbox import Inbox
from testkit.nats_server import NatsServer
from testkit.pusher_process import PUSH_SETTINGS
from testkit.running_function import PLAINLY, RunFunction, RunningFunction
from testkit.selection import select
from testkit.sms_inbox import SmsInbox
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--broker", type=Broker, default=Broker.PUBSUB, help="what `stack` runs on: pubsub or nats")


@pytest.hookimpl(trylast=True)  # after they have been put in a random order
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    select(config, items)
    deal(items)


def pytest_collection_finish() -> None:
    """No search for garbage goes through what is imported and collected: it stays."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What all workers of a run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def emulators(run_folder: Path) -> Iterator[Mapping[str, str]]:
    """One pair for all workers."""
    with shared_emulators(run_folder) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> LocalStack:
    """One for each worker, in a project of its own, on the broker that is asked for."""
    stack: LocalStack = request.getfixturevalue(f"{request.config.getoption('broker')}_stack")
    return stack


@pytest.fixture(scope="session")
def pubsub_stack(emulators: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    project = f"usher-{secrets.token_hex(8)}"
    yield from _running_stack(tmp_path_factory.mktemp("stack"), GOOGLE_CLOUD_PROJECT=project, **emulators)


@pytest.fixture(scope="session")
def nats_stack(emulators: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """With a NATS server of its own, and without the Pub/Sub emulator."""
    with NatsServer.running() as server:
        settings = {
            "GOOGLE_CLOUD_PROJECT": f"usher-{secrets.token_hex(8)}",
            "FIRESTORE_EMULATOR_HOST": emulators["FIRESTORE_EMULATOR_HOST"],
            "EVENT_BROKER": Broker.NATS,
            "NATS_URL": server.url,
            **PUSH_SETTINGS,
        }
        yield from _running_stack(tmp_path_factory.mktemp("stack"), **settings)


@pytest.fixture(scope="session")
def whole_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """
    One as `make run` starts it, with emulators of its own; it publishes its events in protobuf.

    What is put back into its outbox waits a second instead of ten until the relay takes it.
    """
    yield from _running_stack(tmp_path_factory.mktemp("stack"), EVENT_ENCODING="protobuf", OUTBOX_GRACE_SECONDS="1")


@pytest.fixture(scope="session")
def verifying_stack(emulators: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """One that takes the mailbox first."""
    settings = {"GOOGLE_CLOUD_PROJECT": f"usher-{secrets.token_hex(8)}", "VERIFY_EMAIL": "true"}
    yield from _running_stack(tmp_path_factory.mktemp("stack"), **settings, **emulators)


def _running_stack(folder: Path, **settings: str) -> Iterator[LocalStack]:
    canaries = {"PASSWORD_PEPPERS": PEPPERS, "LINK_KEYS": LINK_KEYS}
    stack = LocalStack(folder, {"BCRYPT_ROUNDS": "10", **canaries, **settings})
    try:
        stack.wait_until_ready()
        yield stack
        for inbox in (Inbox(stack.ui_url), SmsInbox(stack.ui_url)):
            assert inbox.duplicates() == [], "a mail or an SMS came more than once, perhaps after its test had ended"
        assert stack.stop() == 0
        assert leaks(stack.log_lines()) == [], "a log line holds a secret or personal data"
    finally:
        stack.kill()


@pytest.fixture
def pubsub_host(stack: LocalStack) -> str:
    return stack.pubsub_host


@pytest.fixture
def firestore_host(stack: LocalStack) -> str:
    return stack.firestore_host


@pytest.fixture
def inbox(stack: LocalStack) -> Inbox:
    return Inbox(stack.ui_url)


@pytest.fixture
def sms_inbox(stack: LocalStack) -> SmsInbox:
    return SmsInbox(stack.ui_url)


@pytest.fixture
def firestore_client(stack: LocalStack) -> Iterator[Client]:
    """A client of a project of the test's own: the emulators keep projects apart."""
    project = f"test-{secrets.token_hex(8)}"
    yield from _client(stack.firestore_host, project)
    stack.push_no_events_of(project)


@pytest.fixture
def stack_firestore(stack: LocalStack) -> Iterator[Client]:
    """A client of the stack's own project."""
    yield from _client(stack.firestore_host, stack.project)


@pytest.fixture
def run_function(stack: LocalStack, firestore_client: Client) -> Iterator[RunFunction]:
    running = []

    def run(name: str, *, launched_by: Sequence[str] = PLAINLY, **settings: str) -> RunningFunction:
        settings = {"GOOGLE_CLOUD_PROJECT": firestore_client.project, **settings}
        function = RunningFunction(stack, name, settings, launched_by=launched_by)
        running.append(function)
        function.wait_until_ready()
        return function

    yield run
    for function in running:
        function.stop()


@pytest.fixture
def firestore_proxy(firestore_host: str) -> Iterator[TcpProxy]:
    with TcpProxy(firestore_host) as proxy:
        yield proxy


@pytest.fixture
def pubsub_proxy(pubsub_host: str) -> Iterator[TcpProxy]:
    with TcpProxy(pubsub_host) as proxy:
        yield proxy


@pytest.fixture
def broker_proxy(stack: LocalStack) -> Iterator[TcpProxy]:
    with TcpProxy(stack.broker.address) as proxy:
        yield proxy


@pytest.fixture
def smtp_proxy(stack: LocalStack) -> Iterator[TcpProxy]:
    with TcpProxy(stack.smtp_host) as proxy:
        yield proxy


@pytest.fixture
def sms_proxy(stack: LocalStack) -> Iterator[TcpProxy]:
    with TcpProxy(f"{HOST}:{stack.ports.ui}") as proxy:
        yield proxy


def _client(host: str, project: str) -> Iterator[Client]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", host)
        client = Client(project=project)
    yield client
    client.close()  # type: ignore[no-untyped-call]  # the library's gap
