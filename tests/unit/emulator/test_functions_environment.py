import pytest

from blueprint.topology import read_topology
from emulator.functions.environment import function_environment, local_settings
from emulator.processes.ports import Ports

TOPOLOGY = read_topology()
HOSTS = {"PUBSUB_EMULATOR_HOST": "127.0.0.1:1", "FIRESTORE_EMULATOR_HOST": "127.0.0.1:2"}


def environment(name: str, environ: dict[str, str]) -> dict[str, str]:
    return function_environment(
        TOPOLOGY.functions[name],
        local=local_settings(Ports(8080), TOPOLOGY),
        emulator_hosts=HOSTS,
        environ=environ,
    )


def test_function_uses_the_local_stack() -> None:
    chosen = environment("send_email", {})

    assert chosen["SMTP_PORT"] == "8087"
    assert chosen["FIRESTORE_EMULATOR_HOST"] == "127.0.0.1:2"
    assert chosen["GOOGLE_CLOUD_PROJECT"] == "usher-local"


def test_environment_overrides_local_settings() -> None:
    chosen = environment("send_email", {"SMTP_HOST": "mail.example", "SMTP_PASSWORD": "s3cret", "LEASE_SECONDS": "9"})

    assert (chosen["SMTP_HOST"], chosen["SMTP_PASSWORD"], chosen["LEASE_SECONDS"]) == ("mail.example", "s3cret", "9")


@pytest.mark.parametrize(
    ("name", "server", "left_out"),
    [
        ("send_email", {"SMTP_HOST": "localhost.example"}, ["SMTP_PORT", "SMTP_SECURITY"]),
        ("notify_admin", {"SMS_BASE_URL": "https://sms.example"}, ["SMS_ACCOUNT_SID", "SMS_AUTH_TOKEN", "SMS_TO"]),
    ],
)
def test_server_elsewhere_does_not_get_what_belongs_to_the_stacks(
    name: str, server: dict[str, str], left_out: list[str]
) -> None:
    assert environment(name, {}).keys() >= set(left_out)
    assert not environment(name, server).keys() & set(left_out)
    assert environment(name, {**server, left_out[0]: "25"})[left_out[0]] == "25"


@pytest.mark.parametrize(
    ("name", "server", "kept"),
    [
        ("send_email", {"SMTP_HOST": "localhost", "SMTP_PORT": "1025"}, "SMTP_SECURITY"),
        ("send_email", {"SMTP_HOST": "::1"}, "SMTP_PORT"),
        ("notify_admin", {"SMS_BASE_URL": "http://127.0.0.1:9999/api"}, "SMS_ACCOUNT_SID"),
        ("notify_admin", {"SMS_BASE_URL": "http://localhost"}, "SMS_ACCOUNT_SID"),
    ],
)
def test_server_on_this_machine_is_used_like_the_stacks_own(name: str, server: dict[str, str], kept: str) -> None:
    assert environment(name, server)[kept] == environment(name, {})[kept]


def test_empty_variable_counts_as_unset() -> None:
    assert environment("send_email", {"SMTP_HOST": ""})["SMTP_HOST"] == "127.0.0.1"


@pytest.mark.parametrize("name", ["relay_outbox", "send_email", "notify_admin"])
def test_only_create_user_receives_the_pepper(name: str) -> None:
    environ = {"PASSWORD_PEPPERS": "1:of-the-user"}

    assert environment("create_user", environ)["PASSWORD_PEPPERS"] == "1:of-the-user"
    assert "PASSWORD_PEPPERS" not in environment(name, environ)


def test_function_receives_nothing_else_of_the_environment() -> None:
    environ = {
        "PATH": "/bin",
        "GOOGLE_APPLICATION_CREDENTIALS": "/key.json",
        "HTTPS_PROXY": "http://proxy",
        "PUBSUB_EMULATOR_HOST": "elsewhere:1",
    }

    chosen = environment("relay_outbox", environ)

    assert chosen == {
        "PATH": "/bin",
        "GOOGLE_CLOUD_PROJECT": "usher-local",
        "EVENT_TOPIC": "user.created",
        **HOSTS,
        "PYTHONUNBUFFERED": "1",
        "THREADS": "4",
    }
