"""The shell blocks of a page, run as its reader would run them."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
_END_SECONDS = 30


def shell_blocks(page: str, replaced: Mapping[str, str]) -> list[str]:
    """The blocks of `docs/{page}`, with other ports and paths in place of the page's; their keys are patterns."""
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    for pattern, replacement in replaced.items():
        blocks = [re.sub(pattern, replacement, block) for block in blocks]
    return blocks


def run_block(block: str) -> str:
    """What it prints."""
    return subprocess.run(["bash", "-euc", block], cwd=ROOT, capture_output=True, text=True, check=True).stdout


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
            process.wait(_END_SECONDS)
