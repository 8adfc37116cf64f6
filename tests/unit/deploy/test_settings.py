"""What is refused before anything is called."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from email_validator import validate_email

from blueprint.topology import Topology, read_topology
from deploy.canary import address_of_a_run
from deploy.settings import Given, SettingsError, deployment_of, project_of, read_given

SETTINGS: dict[str, str | int | float] = {"SMTP_HOST": "mail.example.com", "MAIL_FROM": "a@example.com"}


def given(**other: Any) -> Given:
    return Given(**{"project": "demo-project", "region": "europe-west1", "settings": SETTINGS, **other})


def pushing(**other: int) -> Topology:
    topology = read_topology()
    return msgspec.structs.replace(topology, push=msgspec.structs.replace(topology.push, **other))


def test_all_faults_are_listed_at_once() -> None:
    settings: dict[str, str | int | float] = {"SMTP_PROT": 1, "MAIL_FROM": "a|b@example.com"}
    wrong = Given(project="X", region="here", canary_email="an Ö@example.com", settings=settings)

    with pytest.raises(SettingsError) as refused:
        deployment_of(wrong, read_topology(), complete=True)

    faults = str(refused.value)
    assert "'X' is not a project ID" in faults
    assert "'here' is not a region" in faults
    assert "--canary-email is not an address such as canary@example.com" in faults
    assert "SMTP_PROT is not a setting" in faults
    assert "MAIL_FROM must not contain a vertical bar" in faults
    assert "SMTP_HOST is missing" in faults


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("Ops.Team+usher@mail.example.com", True),
        (f"{30 * 'o'}@example.com", True),
        (f"{31 * 'o'}@example.com", False),
        (".ops@example.com", False),
        ("ops..team@example.com", False),
        ("ops@-example.com", False),
        ("ops@example..com", False),
    ],
)
def test_canarys_address_is_one_that_create_user_takes_as_it_is(address: str, *, right: bool) -> None:
    def read() -> None:
        deployment_of(given(canary_email=address), read_topology(), complete=True)

    if not right:
        with pytest.raises(SettingsError, match="--canary-email is not an address"):
            read()
        return
    read()
    of_a_run = address_of_a_run(address, "3fa85f64d2b1-12-a1b2c3")
    assert validate_email(of_a_run, strict=True, check_deliverability=False).normalized == of_a_run


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"max_delivery_attempts": 0}, "a push without retries loses mail"),
        ({"maximum_backoff_seconds": 0}, "minimum_backoff_seconds <= maximum_backoff_seconds"),
        ({"ack_deadline_seconds": 45}, "ack deadline"),
        ({"lease_seconds": 55}, "a second attempt starts"),
    ],
)
def test_topology_that_loses_mail_is_refused(wrong: dict[str, int], fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        deployment_of(given(), pushing(**wrong), complete=True)


def test_missing_dead_letter_topic_is_refused() -> None:
    topology = read_topology()
    without = msgspec.structs.replace(topology, events=msgspec.structs.replace(topology.events, dead_letter_topic=""))

    with pytest.raises(SettingsError, match="dead-letter topic"):
        deployment_of(given(), without, complete=True)


def test_lease_set_above_the_request_timeout_is_refused() -> None:
    with pytest.raises(SettingsError, match="lease"):
        deployment_of(given(settings={**SETTINGS, "LEASE_SECONDS": 50}), read_topology(), complete=True)


def test_lease_that_is_not_a_number_is_a_fault_among_the_others() -> None:
    with pytest.raises(SettingsError, match="LEASE_SECONDS is not a number"):
        deployment_of(given(settings={**SETTINGS, "LEASE_SECONDS": "abc"}), read_topology(), complete=True)


@pytest.mark.parametrize("seconds", [None, 0, 30, 90, 3660])
def test_schedule_that_is_not_a_whole_number_of_minutes_is_refused(seconds: int | None) -> None:
    topology = read_topology()
    relay = msgspec.structs.replace(topology.functions["relay_outbox"], every_seconds=seconds)
    topology = msgspec.structs.replace(topology, functions={**topology.functions, "relay_outbox": relay})

    with pytest.raises(SettingsError, match="relay_outbox: every_seconds"):
        deployment_of(given(), topology, complete=True)


def test_flags_go_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text(
        'project = "of-the-file"\nregion = "europe-west1"\n[settings]\nSMTP_HOST = "file"\nBCRYPT_ROUNDS = 11\n'
    )

    flags = {"project": "of-a-flag", "region": None, "smtp_host": "flag", "canary_email": "canary@example.com"}
    read = read_given({"config": file, **flags})

    assert (read.project, read.region, read.canary_email) == ("of-a-flag", "europe-west1", "canary@example.com")
    assert read.settings == {"SMTP_HOST": "flag", "BCRYPT_ROUNDS": 11}


def test_redrive_needs_only_the_project_and_takes_it_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text('project = "of-the-file"\n')

    assert project_of(read_given({"config": file})) == "of-the-file"
    with pytest.raises(SettingsError, match="'' is not a project ID"):
        project_of(Given())


@pytest.mark.parametrize("text", ["projekt = 'x'", "public = 'yes'", "not toml"])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text(text)

    with pytest.raises(SettingsError, match=r"deploy\.toml"):
        read_given({"config": file})
