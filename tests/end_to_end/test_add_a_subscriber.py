"""docs/add-a-subscriber.md followed to the letter, in a copy of the project."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from secrets import token_hex

import pytest

from testkit.polling import eventually
from testkit.signing_up import members, sign_up
from testkit.stack import LocalStack

ROOT = Path(__file__).parents[2]
FOLDER = "functions/audit_sign_ups"
NEW_FILES = [f"{FOLDER}/{name}" for name in ("__init__.py", "main.py", "requirements.in", "settings.py")]


def follow_steps(root: Path) -> None:
    """Run the page's shell blocks in the project at `root`."""
    page = (ROOT / "docs" / "add-a-subscriber.md").read_text()
    for block in re.findall(r"```bash\n(.*?)```", page, re.DOTALL):
        subprocess.run(["bash", "-euc", block], cwd=root, check=True)


@pytest.mark.pubsub
@pytest.mark.timeout(300)
def test_subscriber_added_as_the_page_says_receives_the_events(tmp_path: Path, emulators: Mapping[str, str]) -> None:
    for part in ("blueprint", "deploy", "emulator", "functions", "operations", "pusher"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "topology.toml", tmp_path)
    before = files_in(tmp_path)
    follow_steps(tmp_path)
    assert {path for path, _ in files_in(tmp_path) - before} == {"topology.toml", *NEW_FILES}
    assert before - files_in(tmp_path) == {("topology.toml", (ROOT / "topology.toml").read_bytes())}
    ruff = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), FOLDER]
    subprocess.run(ruff, cwd=tmp_path, check=True)
    settings = {"GOOGLE_CLOUD_PROJECT": f"test-{token_hex(8)}", "BCRYPT_ROUNDS": "10", **emulators}
    stack = LocalStack(tmp_path / "stack", settings, source=tmp_path)
    try:
        stack.wait_until_ready()

        user_id = sign_up(stack.create_user_url, members()).json()["id"]

        outcomes = {"sign_up_audited", "audit_sent", "mail_sent", "sms_sent"}
        assert eventually(lambda: outcomes <= messages_about(user_id, stack.log_lines()))
        assert stack.stop() == 0
    finally:
        stack.kill()


def files_in(root: Path) -> set[tuple[str, bytes]]:
    return {(str(path.relative_to(root)), path.read_bytes()) for path in root.rglob("*") if path.is_file()}


def messages_about(user_id: str, lines: Iterable[str]) -> set[str]:
    return {json.loads(line)["message"] for line in lines if user_id in line}
