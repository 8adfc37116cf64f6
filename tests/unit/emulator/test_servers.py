"""Which servers a command works on."""

from collections.abc import Mapping

import pytest

from emulator.commands.local_stack import PartStatus, Status
from emulator.commands.servers import hosts_named, hosts_of_the_stack
from emulator.processes.errors import StackError
from emulator.processes.ports import Ports
from operations.redrive.system import EmulatorHosts

FIRESTORE, PUBSUB, NATS_URL = (
    "127.0.0.1:1",
    "127.0.0.1:2",
    "nats://usher:hunter2@127.0.0.1:3",  # pragma: allowlist secret
)
GOOGLES = {"FIRESTORE_EMULATOR_HOST": FIRESTORE, "PUBSUB_EMULATOR_HOST": PUBSUB}


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, None),
        ({"FIRESTORE_EMULATOR_HOST": FIRESTORE}, None),
        (GOOGLES, EmulatorHosts(firestore=FIRESTORE, pubsub=PUBSUB)),
        ({**GOOGLES, "NATS_URL": NATS_URL}, EmulatorHosts(firestore=FIRESTORE, pubsub=PUBSUB)),
        ({**GOOGLES, "EVENT_BROKER": "nats"}, None),
        (
            {"FIRESTORE_EMULATOR_HOST": FIRESTORE, "EVENT_BROKER": "nats", "NATS_URL": NATS_URL},
            EmulatorHosts(firestore=FIRESTORE, pubsub="", nats_url=NATS_URL),
        ),
    ],
)
def test_servers_are_those_of_the_environment_where_it_names_all(
    environ: Mapping[str, str], named: EmulatorHosts | None
) -> None:
    assert hosts_named(environ) == named


@pytest.mark.parametrize(
    ("parts", "environ", "url"),
    [
        (["pubsub"], {"EVENT_BROKER": "nats"}, ""),
        (["nats"], {}, "nats://127.0.0.1:9"),
        (["nats"], {"NATS_URL": NATS_URL}, NATS_URL),
    ],
)
def test_broker_is_that_of_the_stack_that_runs(
    parts: list[str], environ: Mapping[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = Status(
        ready=True, parts={name: PartStatus(name, "ready", 0, "127.0.0.1:9") for name in ["firestore", *parts]}
    )
    monkeypatch.setattr("emulator.commands.servers.ask_status", lambda *_: status)

    assert hosts_of_the_stack(Ports(8080), environ).nats_url == url


def test_nats_url_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(StackError, match=r"^NATS_URL must be nats://HOST:PORT") as refused:
        hosts_named(
            {"EVENT_BROKER": "nats", "NATS_URL": "nats://usher:hunter2@127.0.0.1:no-port"}  # pragma: allowlist secret
        )

    assert "hunter2" not in str(refused.value)
