"""docs/by-hand.md followed literally, on free ports."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from testkit.free_ports import free_base_port
from testkit.polling import eventually, is_serving

ROOT = Path(__file__).parents[2]


def by_hand_blocks(base: int) -> list[str]:
    """The page's shell blocks, with their ports 8080 to 8089 moved to `base`."""
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "docs" / "by-hand.md").read_text(), re.DOTALL)
    return [re.sub(r"\b808(\d)\b", lambda port: str(base + int(port[1])), block) for block in blocks]


@contextmanager
def terminal(block: str, output: Path) -> Iterator[None]:
    """Run a block as in a terminal of its own, and end all it started."""
    with output.open("w") as log:
        process = subprocess.Popen(
            ["bash", "-euc", block], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


@pytest.mark.exhaustive
@pytest.mark.pubsub
@pytest.mark.skipif(not shutil.which("gcloud"), reason="gcloud is not installed: by hand, it starts the emulators")
@pytest.mark.timeout(300)
def test_everything_started_by_hand_as_the_page_says_sends_the_welcome_mail(tmp_path: Path) -> None:
    base = free_base_port()
    bundle, *terminals, last = by_hand_blocks(base)
    subprocess.run(["bash", "-euc", bundle], cwd=ROOT, check=True)
    with ExitStack() as running:
        for number, block in enumerate(terminals):
            running.enter_context(terminal(block, tmp_path / f"terminal{number}.log"))
        for offset in (0, 1, 5, 6):
            assert eventually(partial(is_serving, f"http://127.0.0.1:{base + offset}/"), seconds=60)

        answer = subprocess.run(["bash", "-euc", last], cwd=ROOT, capture_output=True, text=True, check=True).stdout

        assert "HTTP/1.1 201 CREATED" in answer
        mails = tmp_path / "terminal2.log"
        assert eventually(lambda: "To: ewan@example.com" in mails.read_text())
