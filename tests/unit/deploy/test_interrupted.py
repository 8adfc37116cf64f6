"""A deployment that a job cancels ends like one at a terminal, so what has to be cleared away is."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from blueprint.topology import PROJECT_ROOT
from tests.unit.deploy.plans import PROJECT, REGION

_GCLOUD = """#!/bin/bash
touch "${0%/*}/called"
exec sleep 60
"""


def test_job_that_is_cancelled_ends_as_interrupted(tmp_path: Path) -> None:
    (tmp_path / "gcloud").write_text(_GCLOUD)
    (tmp_path / "gcloud").chmod(0o755)
    words = ["-m", "deploy", "rollback", f"--project={PROJECT}", f"--region={REGION}", f"--config={tmp_path / 'none'}"]
    with subprocess.Popen(
        [sys.executable, *words],
        cwd=PROJECT_ROOT,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        deadline = time.monotonic() + 20
        while not (tmp_path / "called").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=20)

    assert running.returncode == 130
    assert said == "\nInterrupted. Run the same command again: it continues from here.\n"
