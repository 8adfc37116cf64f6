"""Wrong settings are found before anything starts, for all functions and the stack at once."""

from collections.abc import Mapping

import pytest
from msgspec import Struct

from blueprint.topology import read_topology
from emulator.functions.destinations import destinations
from emulator.functions.environ_check import misspelt
from emulator.functions.environment import function_environment, local_settings
from emulator.functions.function_settings import read_function_settings
from emulator.processes.errors import StackError
from emulator.processes.ports import Ports
from emulator.terminal.summary import notes_on

TOPOLOGY = read_topology()
OTHERS = """
CI GITHUB_ACTIONS GITHUB_REPOSITORY RUNNER_OS CI_PROJECT_NAME HOST HOSTNAME PORT THREADS PRODUCT PRODUCT_VERSION
PROJECT PROJECT_ID PROJECT_NAME GCLOUD_PROJECT GCP_PROJECT GOOGLE_PROJECT GOOGLE_CLOUD_QUOTA_PROJECT
GOOGLE_CLOUD_LOCATION GOOGLE_CLOUD_REGION CLOUDSDK_CORE_PROJECT DATASTORE_EMULATOR_HOST BIGTABLE_EMULATOR_HOST
SPANNER_EMULATOR_HOST STORAGE_EMULATOR_HOST FIREBASE_AUTH_EMULATOR_HOST FIREBASE_DATABASE_EMULATOR_HOST
MAIL MAILTO MAIL_HOST MAIL_SERVER MAIL_PORT SMTP_SERVER SMTP_FROM SMTP_AUTH SMTP_SECURE SMTP_PASS SMTP_USERNAME
TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN PASSWORD PASSWORD_STORE_DIR DATABASE_URL DATABASE_PORT BASE_URL BASE_PATH
EVENT_NAME EVENT_TYPE ALLOWED_ORIGINS BCRYPT_COST
"""
REAL_SMS = {"SMS_ACCOUNT_SID": "AC1", "SMS_AUTH_TOKEN": "token", "SMS_FROM": "Usher", "SMS_TO": "+441632960009"}


def settings(environ: Mapping[str, str]) -> list[Struct]:
    local = local_settings(Ports(22080), TOPOLOGY)
    environments = {
        name: function_environment(function, local=local, emulator_hosts={}, environ=environ)
        for name, function in TOPOLOGY.functions.items()
    }
    return read_function_settings(TOPOLOGY, environments=environments, environ=environ)


def refused(environ: Mapping[str, str]) -> list[str]:
    with pytest.raises(StackError) as refusal:
        settings(environ)
    heading, *faults = str(refusal.value).splitlines()
    assert heading == "Nothing was started. Fix these settings first:"
    return faults


def test_faults_of_the_stack_and_of_all_functions_are_listed_together_and_each_variable_once() -> None:
    environ = {
        "GOOGLE_CLOUD_PROJECT": "a/b",
        "LEASE_SECONDS": "99",  # read by two functions, like the next
        "EVENT_ENCODING": "xml",
        "BCRYPT_ROUNDS": "4",
        "SMTP_SECURITY": "ssl",
        "SMTP_PASSWROD": "canary",
    }

    assert refused(environ) == [
        "GOOGLE_CLOUD_PROJECT: must be a project ID such as usher-local",
        "EVENT_ENCODING: must be one of json, protobuf (got xml)",
        "BCRYPT_ROUNDS: must be between 10 and 16 (got 4)",
        "SMTP_SECURITY: must be one of none, starttls, tls (got ssl)",
        "LEASE_SECONDS: must be above 0 and at most 45 (got 99)",
        "SMTP_PASSWROD is not a setting: did you mean SMTP_PASSWORD?",
    ]


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"CONCEAL_EXISTING_ACCOUNTS": "false"}, "CONCEAL_EXISTING_ACCOUNTS: is gone: unset it, and set VERIFY_EMAIL"),
        ({"VERIFY_EMAIL": "yes"}, "VERIFY_EMAIL: must be true or false"),
        ({"SIGN_UP_URL": "http://example.com/sign-up"}, "SIGN_UP_URL: must be an https URL"),
        ({"SMS_BASE_URL": "https://sms.example"}, "SMS_ACCOUNT_SID: must be set"),
        (
            {"LEASE_SECONDS": "20"},
            "SMTP_DEADLINE_SECONDS: must be below LEASE_SECONDS=20 (got 30), or a second",
        ),
        ({"EVENT_TOPIC": "no spaces"}, "EVENT_TOPIC: must be a topic's name of 3 to 255 characters"),
        ({"PUBSUB_EMULATOR_HOST": "http://localhost:8085"}, "PUBSUB_EMULATOR_HOST: must be HOST:PORT, such as"),
        ({"FIRESTORE_EMULATOR_HOST": "localhost"}, "FIRESTORE_EMULATOR_HOST: must be HOST:PORT, such as"),
        (
            {"NATS_URL": "canary:secret@127.0.0.1"},
            "NATS_URL: must be the URL of one server, such as nats://127.0.0.1:4222",
        ),
        ({"NATS_URL": "nats://one:4222,nats://two:4222"}, "NATS_URL: must be the URL of one server"),
        ({"NATS_URL": "nats://127.0.0.1:port"}, "NATS_URL: must be the URL of one server"),
        ({"EVENT_BROKER": "kafka"}, "EVENT_BROKER: must be one of pubsub, nats (got kafka)"),
        ({"PASSWORD_BLOCKLIST": "nowhere.txt"}, "PASSWORD_BLOCKLIST: must be the path to a UTF-8 text file"),
        ({"SMTP_HOST": "localhost:1025"}, "SMTP_HOST: must be a host name or an IP address alone; a port belongs in"),
        ({"SMTP_USER": "ö", "SMTP_SECURITY": "tls"}, "SMTP_USER: must be ASCII"),
    ],
)
def test_fault_is_a_sentence_that_begins_with_its_variable(environ: dict[str, str], said: str) -> None:
    assert refused(environ)[0].startswith(said)


@pytest.mark.parametrize("secret", sorted({name for each in TOPOLOGY.functions.values() for name in each.secrets}))
def test_value_of_a_secret_is_never_shown(secret: str) -> None:
    faults = refused({secret: "cänary", "BCRYPT_ROUNDS": "4"})

    assert "nary" not in "".join(faults)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("BCRYPT_ROUND", "BCRYPT_ROUNDS"),
        ("bcrypt_rounds", "BCRYPT_ROUNDS"),
        ("SMTP_HOTS", "SMTP_HOST"),
        ("SMPT_PORT", "SMTP_PORT"),
        ("MAILFROM", "MAIL_FROM"),
        ("CORS_ORIGIN", "CORS_ORIGINS"),
        ("SMTP_PASSWD", "SMTP_PASSWORD"),
        ("PASSWORD_MINLENGTH", "PASSWORD_MIN_LENGTH"),
        ("PUBSUB_EMULATORHOST", "PUBSUB_EMULATOR_HOST"),
        ("BASEPORT", "BASE_PORT"),
        ("EVENT_BROKERS", "EVENT_BROKER"),
        ("NAT_URL", "NATS_URL"),
        ("PUSH_MAX_DELIVERY_ATTEMPT", "PUSH_MAX_DELIVERY_ATTEMPTS"),
    ],
)
def test_name_that_is_nearly_a_settings_is_asked_about(name: str, meant: str) -> None:
    assert misspelt({name, "PATH"}, TOPOLOGY) == [f"{name} is not a setting: did you mean {meant}?"]
    assert misspelt({name, meant}, TOPOLOGY) == []


def test_names_that_other_programs_use_are_not_asked_about() -> None:
    assert misspelt(OTHERS.split(), TOPOLOGY) == []


@pytest.mark.parametrize(
    ("environ", "notes"),
    [
        ({}, []),
        ({"SMTP_HOST": "localhost", "SMTP_PORT": "22087", "SMTP_SECURITY": "none"}, []),
        (
            {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": "1025", "SMTP_SECURITY": "none"},
            ["Mail goes to 127.0.0.1:1025 on this machine, not to the stack's inbox."],
        ),
        (
            {"SMTP_HOST": "smtp.example.com", "SMTP_USER": "me", "SMTP_PASSWORD": "canary"},
            ["REAL MAIL: smtp.example.com:587 delivers it to the real people whose addresses sign up"],
        ),
        ({"SMS_BASE_URL": "http://localhost:9", **REAL_SMS}, ["SMS go to http://localhost:9 on this machine"]),
        (
            {"SMS_BASE_URL": "https://api.twilio.com", **REAL_SMS},
            ["REAL SMS: https://api.twilio.com texts the admin's"],
        ),
    ],
)
def test_summary_says_where_mail_and_sms_go_that_do_not_come_here(environ: dict[str, str], notes: list[str]) -> None:
    said = notes_on(destinations(settings(environ), Ports(22080)))

    assert len(said) == len(notes)
    assert all(words.startswith(start) for words, start in zip(said, notes, strict=True))
