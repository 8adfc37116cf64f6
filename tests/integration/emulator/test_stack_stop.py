import signal
import time
from pathlib import Path

from testkit.polling import eventually
from testkit.signing_up import members, sign_up
from testkit.smtp_server import Misbehaviour, Script, serving
from testkit.stack import LocalStack


def test_ctrl_c_while_a_mail_hangs_stops_everything_within_5_seconds(tmp_path: Path) -> None:
    with serving(Script({"DATA": Misbehaviour.HANG})) as server:
        stack = LocalStack(tmp_path, {"SMTP_PORT": str(server.port), "BCRYPT_ROUNDS": "10"})
        try:
            stack.wait_until_ready()
            assert sign_up(stack.create_user_url, members()).status_code == 201
            assert eventually(lambda: "data" in server.commands)

            asked = time.monotonic()
            stack.process.send_signal(signal.SIGINT)

            assert stack.process.wait(10) == 0
            assert time.monotonic() - asked < 5
        finally:
            stack.kill()
