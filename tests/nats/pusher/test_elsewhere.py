"""Where the pusher runs elsewhere, what docs/nats.md copies and its locked requirements are all that it needs."""

import os
import re
import shutil
import signal
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from subprocess import PIPE, Popen

from blueprint.topology import PROJECT_ROOT
from testkit.nats_server import NatsServer
from testkit.polling import eventually
from testkit.pushed_project import SUBSCRIPTION, PushedProject, Subscriber

COPIED = re.findall(r"(?m)^COPY (\S+) \1$", (PROJECT_ROOT / "docs" / "nats.md").read_text())
WITHOUT_THE_OTHERS = """
import runpy, sys

class Absent:
    @staticmethod
    def find_spec(name, *_):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(name)

absent = set(sys.argv.pop(1).split(","))
sys.meta_path.insert(0, Absent)
runpy.run_module("pusher", run_name="__main__", alter_sys=True)
"""


def absent() -> set[str]:
    """What a machine that installs the pusher's requirements alone does not have."""
    locked = set(re.findall(r"(?m)^([a-z0-9.-]+)==", (PROJECT_ROOT / "pusher" / "requirements.txt").read_text()))
    installed = packages_distributions().items()
    packages = {name: {each.lower().replace("_", "-") for each in names} for name, names in installed}
    return {name for name, those in packages.items() if locked.isdisjoint(those)}


def test_copied_files_and_the_locked_requirements_are_enough(
    shared_nats: NatsServer, project: PushedProject, tmp_path: Path
) -> None:
    for name in COPIED:
        source = PROJECT_ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    with Subscriber.answering() as subscriber:
        environ = {
            "PATH": os.environ["PATH"],
            "GOOGLE_CLOUD_PROJECT": project.name,
            "EVENT_TOPIC": "user.created",
            "NATS_URL": shared_nats.url,
            "PUSH_ENDPOINTS": f"{SUBSCRIPTION}={subscriber.url}",
        }
        command = [sys.executable, "-c", WITHOUT_THE_OTHERS, ",".join(absent())]
        with Popen(command, cwd=tmp_path, env=environ, stdout=PIPE, stderr=PIPE) as process:
            project.publish(b"event")
            eventually(lambda: subscriber.events or process.poll(), seconds=20)
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=15)

    assert (process.returncode, errors) == (0, b"")
    assert subscriber.events == [b"event"]
