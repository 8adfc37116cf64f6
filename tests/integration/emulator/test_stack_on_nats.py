"""The stack as `EVENT_BROKER=nats VERIFY_EMAIL=true make run` starts it: the one of `make test` with either."""

import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any

from testkit.canary import PASSWORD
from testkit.plain_http import http
from testkit.polling import eventually
from testkit.signing_up import an_address
from testkit.sms_inbox import SmsInbox
from testkit.stack import LocalStack
from tests.integration.emulator.processes import alive, processes

ADDRESS = an_address()


def test_sign_up_by_a_link_becomes_one_journey_one_mail_and_one_sms_and_the_stop_leaves_nothing(
    tmp_path: Path, emulators: Mapping[str, str]
) -> None:
    firestore = {"FIRESTORE_EMULATOR_HOST": emulators["FIRESTORE_EMULATOR_HOST"]}
    project = {"GOOGLE_CLOUD_PROJECT": f"test-{token_hex(8)}", "BCRYPT_ROUNDS": "10"}
    stack = LocalStack(tmp_path, {"EVENT_BROKER": "nats", "VERIFY_EMAIL": "true", **project, **firestore})
    try:
        stack.wait_until_ready()
        children = [each for each in processes().values() if each.parent == stack.process.pid]
        assert [each for each in children if "nats-server" in each.command]
        assert not [each for each in children if "java" in each.command]
        parts = http.get(f"{stack.ui_url}api/status").json()["parts"]
        assert {"nats", "pusher"} < parts.keys()
        assert not {"pubsub", "topics"} & parts.keys()
        assert list((stack.root / "build").glob("nats-*/*"))

        assert f"curl -i {stack.create_user_url}sign-ups " in stack.log.read_text()
        first, repeated = (create_user(stack) for _ in range(2))
        assert (first.returncode, first.stderr) == (0, "")
        [user_id] = re.findall("/#/journeys/(.+)", first.stdout)
        assert SmsInbox(stack.ui_url).wait_for_sms_about(user_id)["body"]
        assert eventually(lambda: journey(stack, user_id)["state"] == "complete")
        whole = journey(stack, user_id)
        assert [journey(stack, who) for who in (ADDRESS, *whole["former_ids"])] == [whole] * 2
        steps = [step["name"] for step in whole["steps"]]
        by_link = ["link requested", "mail accepted", "link opened", "request", "stored"]
        assert [step for step in steps if step in by_link] == [*by_link, "mail accepted"]
        assert "An account with this address already exists." in repeated.stdout
        assert (repeated.returncode, repeated.stderr) == (1, "")

        asked = time.monotonic()
        assert stack.stop() == 0
        assert time.monotonic() - asked < 5
        assert alive([each.pid for each in children]) == []
        assert list((stack.root / "build").glob("nats-*")) == []
        assert "Traceback" not in stack.log.read_text()
    finally:
        stack.kill()


def create_user(stack: LocalStack) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emulator", "create-user", "--name", "Ewan Canary", "--email", ADDRESS]
    at = ["--base-port", str(stack.ports.base)]
    return subprocess.run(
        [*command, *at], cwd=stack.root, input=f"{PASSWORD}\n", capture_output=True, text=True, check=False
    )


def journey(stack: LocalStack, who: str) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"{stack.ui_url}api/journey", params={"of": who}).json()
    return found
