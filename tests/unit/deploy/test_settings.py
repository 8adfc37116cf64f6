"""What is refused before anything is called."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from email_validator import validate_email

from blueprint.topology import Topology, read_topology
from deploy.canary import address_of_a_run
from deploy.cli import main
from deploy.settings import Given, SettingsError, deployment_of, project_of, read_given
from tests.unit.deploy.printed import PLACE, printed

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
        (f"{27 * 'o'}@example.com", True),
        (f"{28 * 'o'}@example.com", False),
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
    of_a_run = address_of_a_run(address, "3fa85f64d2b1-12-12-a1b2c3")
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


@pytest.mark.parametrize("verb", [("plan",), ("up",), ("up", "--check"), ("up", "--dry-run")])
@pytest.mark.parametrize("broker", ["nats", "kafka"])
def test_deployment_onto_another_broker_is_refused_in_one_sentence(
    verb: tuple[str, ...], broker: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EVENT_BROKER", broker)
    monkeypatch.setenv("NATS_URL", "nats://usher:hunter2@nats.example:4222")  # pragma: allowlist secret
    monkeypatch.setattr("sys.argv", ["deploy", *verb, *PLACE, "--smtp-host=mail.example.com", "--mail-from=a@b.cd"])

    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "Nothing was run. EVENT_BROKER is set: unset it: the deployment runs on Pub/Sub, and docs/nats.md says how to "
        "run Usher on NATS elsewhere.\n"
    )


@pytest.mark.parametrize("name", ["EVENT_BROKER", "NATS_URL"])
def test_settings_of_nats_are_refused_in_deploy_toml(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: unset it: the deployment runs on Pub/Sub"):
        deployment_of(given(settings={**SETTINGS, name: "nats"}), read_topology(), complete=True)


def test_no_function_is_deployed_with_a_setting_of_nats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATS_URL", "nats://usher:hunter2@nats.example:4222")  # pragma: allowlist secret
    deployment = deployment_of(given(), read_topology(), complete=True)

    environments = [deployment.environment(function) for function in deployment.functions().values()]

    assert not {"EVENT_BROKER", "NATS_URL"} & {name for environment in environments for name in environment}


@pytest.mark.parametrize("verb", ["status", "rollback", "down"])
def test_what_is_deployed_is_shown_put_back_and_removed_whatever_the_broker_here(
    verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENT_BROKER", "nats")

    assert "gcloud" in printed(verb, *PLACE, "--dry-run")
