import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from blueprint.topology import PROJECT_ROOT, TopologyError, read_topology
from create_user.settings import ClearOutbox, Settings
from emulator.functions.environment import function_environment, local_settings
from emulator.processes.ports import Ports
from shared.runtime.settings import read_settings
from tests.unit.deploy.plans import deployment

GOOD = (PROJECT_ROOT / "topology.toml").read_text()


@pytest.mark.parametrize(
    ("written", "instead", "fault"),
    [
        ("port = 0 ", "", ": [functions.create_user]: Object missing required field `port`:"),
        ("port = 2\n", "port = 1\n", ": [functions.send_email]: port 1 is the port of relay_outbox already:"),
        ("port = 2\n", "port = 2\nport = 3\n", " cannot be read as TOML (Cannot overwrite a value (at line "),
        ("port = 2\n", "port = 200\n", ": [functions.relay_outbox]: Expected `int` <= 99 - at `$.port`:"),
        ("generated =", "generate =", ": [secrets.PASSWORD_PEPPERS]: Object contains unknown field `generate`:"),
        ("[places.local]", "[places.here]", ": Object contains unknown field `here` - at `$.places`:"),
        ("lease_seconds =", "leese =", ": Object contains unknown field `leese` - at `$.push`:"),
        ("[secrets.SMS_AUTH_TOKEN]", "[[secrets]]", " cannot be read as TOML ("),
        (GOOD, "functions = 1", ": "),
        (GOOD, "\udcff", " cannot be read as TOML ("),
    ],
)
def test_fault_is_one_sentence_that_names_the_file_the_entry_and_what_to_do(
    written: str, instead: str, fault: str, tmp_path: Path
) -> None:
    file = tmp_path / "topology.toml"
    file.write_bytes(GOOD.replace(written, instead).encode(errors="surrogateescape"))

    with pytest.raises(TopologyError) as told:
        read_topology(tmp_path)

    assert str(told.value).startswith(f"{file}{fault}")
    assert str(told.value).endswith(", then try again.")
    assert "\n" not in str(told.value)


def test_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TopologyError, match="No such file"):
        read_topology(tmp_path)


def test_either_place_gives_create_user_what_is_right_there() -> None:
    topology = read_topology()
    machine_cpus = os.cpu_count() or 1
    function = replace(topology.functions["create_user"], cpu=machine_cpus + 1)
    local = local_settings(Ports(8080), topology)
    here = function_environment(function, local=local, emulator_hosts={}, environ=local)
    there = {**deployment().environment(function), "PASSWORD_PEPPERS": local["PASSWORD_PEPPERS"]}

    read = [read_settings(Settings, environment) for environment in (here, there)]

    assert [(each.clear_outbox, each.hash_cpus) for each in read] == [
        (ClearOutbox.AFTER, machine_cpus),
        (ClearOutbox.BEFORE, machine_cpus + 1),
    ]
    assert deployment(CLEAR_OUTBOX="after").environment(function)["CLEAR_OUTBOX"] == "after"


def test_settings_of_a_place_are_those_of_some_function() -> None:
    topology = read_topology()
    known = {name for function in topology.functions.values() for name in function.settings}

    assert {*topology.places.local, *topology.places.cloud} <= known


@pytest.mark.parametrize("command", [["emulator", "up"], ["deploy", "bundle"]])
def test_no_command_shows_a_traceback_for_it(command: list[str], tmp_path: Path) -> None:
    for part in ("blueprint", "deploy", "emulator", "operations", "pusher", "functions"):
        shutil.copytree(PROJECT_ROOT / part, tmp_path / part)
    (tmp_path / "topology.toml").write_text("[push")

    said = subprocess.run([sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (said.returncode, said.stdout, said.stderr.count("\n")) == (1, "", 1)
    assert said.stderr.startswith(f"{tmp_path}/topology.toml cannot be read as TOML (")
