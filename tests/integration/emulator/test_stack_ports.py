import socket
import subprocess
import sys

import pytest

from blueprint.topology import PROJECT_ROOT
from emulator.google.emulators import local_emulators
from emulator.processes.errors import StackError
from emulator.processes.ports import HOST, Ports, check_free


@pytest.mark.parametrize("host", [HOST, "0.0.0.0"])  # noqa: S104  what another program may listen on
def test_busy_port_is_one_sentence_that_says_what_to_do(host: str) -> None:
    with socket.create_server((host, 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(StackError) as told:
            check_free({"Pub/Sub emulator": port}, base=18080)

    assert str(told.value) == (
        f"Port {port} (Pub/Sub emulator) is in use: stop the process that uses it "
        "or choose another base port, for example make run BASE_PORT=18180"
    )


def test_port_that_was_just_closed_is_free() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection((HOST, port))
        accepted, _ = server.accept()
        accepted.close()  # closes first: its side waits in TIME_WAIT
        client.close()

    check_free({"create_user": port}, base=port)


def test_no_connection_is_made_to_see_whether_a_port_is_free() -> None:
    # From a port of the system's own range it could meet itself. An audit hook stays, so in a process of its own.
    program = """
import sys
seen = []
sys.addaudithook(lambda event, _: seen.append(event))
from emulator.processes.ports import is_free
is_free(40000)
assert "socket.bind" in seen and "socket.connect" not in seen
"""
    subprocess.run([sys.executable, "-S", "-c", program], cwd=PROJECT_ROOT, check=True)


def test_port_that_two_parts_want_is_one_sentence() -> None:
    with pytest.raises(StackError) as told:
        check_free({"create_user": 8080, "a_third": 8085, "Pub/Sub emulator": 8085}, base=8080)

    assert str(told.value) == (
        "Pub/Sub emulator and a_third would both listen on port 8085: "
        "change the port 5 of the function in topology.toml."
    )


def test_ports_behind_can_be_listened_on_and_are_none_that_a_stack_publishes() -> None:
    base = 10_050
    behind = Ports(base).behind(9_900)  # as many as there are, or nearly

    assert len(behind) == len(set(behind)) > 9_000
    assert not set(behind) & set(range(base, base + 100))
    check_free({"Pub/Sub emulator": behind[0], "Firestore emulator": behind[1]}, base=base)


def test_emulator_is_published_at_its_port_and_reached_by_the_stack_behind_it() -> None:
    pubsub, firestore = local_emulators(Ports(8080), {"PUBSUB_EMULATOR_HOST": ""})

    assert (pubsub.part.address, firestore.part.address) == ("127.0.0.1:8085", "127.0.0.1:8086")
    assert pubsub.host == f"127.0.0.1:{pubsub.port_behind}"
    assert len({pubsub.port, pubsub.port_behind, firestore.port, firestore.port_behind}) == 4


def test_emulator_that_the_environment_names_is_used_by_everyone_as_it_is() -> None:
    emulators = local_emulators(Ports(8080), {"FIRESTORE_EMULATOR_HOST": "elsewhere:1"})

    assert emulators.firestore.part.address == "elsewhere:1"
    assert emulators.host_settings == {
        "PUBSUB_EMULATOR_HOST": f"127.0.0.1:{emulators.pubsub.port_behind}",
        "FIRESTORE_EMULATOR_HOST": "elsewhere:1",
    }
