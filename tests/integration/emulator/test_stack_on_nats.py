"""The one end-to-end path of `make test` on NATS: the stack as `EVENT_BROKER=nats make run` starts it."""

import time
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex

from testkit.inbox import Inbox
from testkit.plain_http import http
from testkit.polling import eventually
from testkit.signing_up import members, sign_up
from testkit.sms_inbox import SmsInbox
from testkit.stack import LocalStack
from tests.integration.emulator.processes import alive, processes


def test_sign_up_becomes_one_mail_and_one_sms_and_the_stop_leaves_nothing(
    tmp_path: Path, emulators: Mapping[str, str]
) -> None:
    firestore = {"FIRESTORE_EMULATOR_HOST": emulators["FIRESTORE_EMULATOR_HOST"]}
    project = {"GOOGLE_CLOUD_PROJECT": f"test-{token_hex(8)}", "BCRYPT_ROUNDS": "10"}
    stack = LocalStack(tmp_path, {"EVENT_BROKER": "nats", **project, **firestore})
    try:
        stack.wait_until_ready()
        children = [each for each in processes().values() if each.parent == stack.process.pid]
        assert [each for each in children if "nats-server" in each.command]
        assert not [each for each in children if "java" in each.command]
        parts = http.get(f"{stack.ui_url}api/status").json()["parts"]
        assert {"nats", "pusher"} < parts.keys()
        assert not {"pubsub", "topics"} & parts.keys()
        assert list((stack.root / "build").glob("nats-*/*"))

        body = members()
        user = sign_up(stack.create_user_url, body).json()
        mail = Inbox(stack.ui_url).wait_for_mail_to(str(body["email"]))
        sms = SmsInbox(stack.ui_url).wait_for_sms_about(user["id"])
        assert mail["Subject"]
        assert sms["body"]
        assert eventually(lambda: _journey(stack, user["id"])["state"] == "complete")

        asked = time.monotonic()
        assert stack.stop() == 0
        assert time.monotonic() - asked < 5
        assert alive([each.pid for each in children]) == []
        assert list((stack.root / "build").glob("nats-*")) == []
        assert "Traceback" not in stack.log.read_text()
    finally:
        stack.kill()


def _journey(stack: LocalStack, user_id: str) -> dict[str, str]:
    journey: dict[str, str] = http.get(f"{stack.ui_url}api/journey", params={"of": user_id}).json()
    return journey
