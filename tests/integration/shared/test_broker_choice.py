"""What is not chosen is not paid for."""

import subprocess
import sys

import pytest

from blueprint.topology import PROJECT_ROOT
from testkit.canary import PEPPERS

PROGRAM = """
import sys
from functions_framework import create_app
from shared.broker.chosen import chosen_publisher
from shared.broker.settings import PublishingSettings
name = sys.argv[1]
create_app(name, f"functions/{name}/main.py")
chosen_publisher(PublishingSettings(google_cloud_project="p", event_topic="user.created"))
print([name for name in sys.modules if name.partition(".")[0] == "nats"])
"""


@pytest.mark.parametrize("function", ["create_user", "relay_outbox", "audit"])
def test_nothing_of_nats_is_imported_where_pubsub_is_chosen(function: str) -> None:
    environment = {
        "PYTHONPATH": "functions",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
        "GOOGLE_CLOUD_PROJECT": "p",
        "EVENT_TOPIC": "user.created",
        "PASSWORD_PEPPERS": PEPPERS,
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

    assert result.stdout == "[]\n", result.stderr
