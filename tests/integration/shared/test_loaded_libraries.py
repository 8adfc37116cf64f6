"""What is not chosen is not paid for, and nobody waits at the start for what only a request needs."""

import json
import subprocess
import sys

import pytest

from blueprint.topology import PROJECT_ROOT, read_topology
from testkit.canary import PEPPERS

PROGRAM = """
import json
import sys
from functions_framework import create_app
from shared.broker.chosen import chosen_publisher
from shared.broker.settings import PublishingSettings
name = sys.argv[1]
create_app(name, f"functions/{name}/main.py")
at_start = list(sys.modules)
chosen_publisher(PublishingSettings(google_cloud_project="p", event_topic="user.created"))
print(json.dumps([at_start, list(sys.modules)]))
"""


@pytest.mark.parametrize("function", read_topology().functions)
def test_function_loads_its_brokers_libraries_only_and_none_of_googles_at_its_start(function: str) -> None:
    environment = {
        "PYTHONPATH": "functions",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
        "GOOGLE_CLOUD_PROJECT": "p",
        "EVENT_TOPIC": "user.created",
        "PASSWORD_PEPPERS": PEPPERS,
        "SMTP_HOST": "127.0.0.1",
        "MAIL_FROM": "welcome@usher.example",
        "SMS_ACCOUNT_SID": "AC1",
        "SMS_AUTH_TOKEN": "token",
        "SMS_FROM": "Usher",
        "SMS_TO": "+441632960123",
        "AUDITED_SUBSCRIBERS": "send_email=send-email",
        "DEAD_LETTER_TOPIC": "dead",
        "DEAD_LETTER_SUBSCRIPTION": "dead",
        "ATTEMPTS_SECONDS": "100",
    }

    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, function],
        env=environment,
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    at_start, later = (set(modules) for modules in json.loads(result.stdout))
    if function != "audit":  # nobody waits for it
        assert not at_start & {"grpc", "google.cloud.firestore_v1", "google.pubsub_v1", "google.auth"}
    assert "google.pubsub_v1" in later
    assert "nats" not in later
