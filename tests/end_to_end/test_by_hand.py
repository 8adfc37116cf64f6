"""docs/by-hand.md followed literally, on free ports."""

import shutil
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from testkit.free_ports import free_base_port
from testkit.polling import eventually, is_serving
from testkit.shell_blocks import run_block, shell_blocks, terminal


@pytest.mark.exhaustive
@pytest.mark.pubsub
@pytest.mark.skipif(not shutil.which("gcloud"), reason="gcloud is not installed: by hand, it starts the emulators")
@pytest.mark.timeout(300)
def test_everything_started_by_hand_as_the_page_says_sends_the_welcome_mail(tmp_path: Path) -> None:
    base = free_base_port()
    bundle, *terminals, last = shell_blocks("by-hand.md", {rf"\b808{digit}\b": str(base + digit) for digit in range(9)})
    run_block(bundle)
    with ExitStack() as running:
        for number, block in enumerate(terminals):
            running.enter_context(terminal(block, tmp_path / f"terminal{number}.log"))
        for offset in (0, 1, 5, 6):
            assert eventually(partial(is_serving, f"http://127.0.0.1:{base + offset}/"), seconds=60)

        answer = run_block(last)

        assert "HTTP/1.1 201 CREATED" in answer
        mails = tmp_path / "terminal2.log"
        assert eventually(lambda: "To: ewan@example.com" in mails.read_text())
