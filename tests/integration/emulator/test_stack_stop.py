import signal
import time
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex

from testkit.polling import eventually
from testkit.signing_up import members, sign_up
from testkit.smtp_server import Misbehaviour, Script, serving
from testkit.stack import LocalStack


def test_ctrl_c_while_a_mail_hangs_stops_everything_within_5_seconds(
    tmp_path: Path, emulators: Mapping[str, str]
) -> None:
    with serving(Script({"DATA": Misbehaviour.HANG})) as server:
        settings = {"GOOGLE_CLOUD_PROJECT": f"test-{token_hex(8)}", "BCRYPT_ROUNDS": "10", **emulators}
        stack = LocalStack(tmp_path, {"SMTP_PORT": str(server.port), **settings})
        try:
            stack.wait_until_ready()
            assert sign_up(stack.create_user_url, members()).status_code == 201
            assert eventually(lambda: "data" in server.commands)

            asked = time.monotonic()
            stack.process.send_signal(signal.SIGINT)

            assert stack.process.wait(30) == 0
            assert time.monotonic() - asked < 5
        finally:
            stack.kill()
