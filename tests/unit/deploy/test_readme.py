"""The first deployment, as deploy/README.md tells it: its commands are taken, and it shows what they print."""

import io
import re
import shlex
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from blueprint.gcloud import Command
from blueprint.topology import PROJECT_ROOT, read_topology
from deploy.cli import main
from deploy.rollout import roll_out
from deploy.settings import deployment_of, read_given
from deploy.trial import RevisionRefusedError
from deploy.up import up
from deploy.walk import Walk
from tests.deploy.fake_google.state import State
from tests.unit.deploy.fake_answers import FakeAnswers, gcloud
from tests.unit.deploy.fake_cloud_run import FakeCloudRun
from tests.unit.deploy.fake_project import FakeProject
from tests.unit.deploy.fake_usher import FakeUsher
from tests.unit.deploy.plans import SMTP_PASSWORD, all_steps
from tests.unit.deploy.versions import refuse, version

BLOCKS = re.findall(r"(?ms)^```(?:sh|text)\n(.*?)^```$", (PROJECT_ROOT / "deploy" / "README.md").read_text())
COMMANDS, OUTPUT = BLOCKS[:2]
(REFUSED,) = [block for block in BLOCKS if "FAILED" in block]
TYPED = "SMTP_PASSWORD:"


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Namespace]:
    """What the command line makes of the commands, which write down their settings first."""
    (settings,) = re.findall(r"(?s)<<'EOF'\n(.*?)EOF\n", COMMANDS)
    (tmp_path / "deploy.toml").write_text(settings)
    taken: list[Namespace] = []
    monkeypatch.setattr("deploy.cli.up", taken.append)
    for line in COMMANDS.splitlines():
        if " -m deploy " in line:
            words = shlex.split(line, comments=True)[3:]
            monkeypatch.setattr("sys.argv", ["deploy", *words, f"--config={tmp_path / 'deploy.toml'}"])
            with pytest.raises(SystemExit):
                main()
    return taken


@pytest.mark.usefixtures("steps_alone")
def test_first_deployment_takes_ten_lines_and_prints_what_it_shows(
    arguments: list[Namespace], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment = deployment_of(read_given(vars(arguments[0])), read_topology(), complete=True)
    project = FakeProject(all_steps(deployment, SMTP_PASSWORD=SMTP_PASSWORD))
    google = FakeAnswers(State(deployment.project))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SMTP_PASSWORD}\n"))

    def run(command: Command, payload: str | None = None) -> str:
        return gcloud(command) if "version" in command else project.run(command, payload)

    for one in arguments:
        assert up(one, run=run, transport=google.transport()) == 0

    printed = iter(as_shown(capsys.readouterr().out).splitlines())
    missing = [line for line in as_shown(OUTPUT).splitlines() if line not in {TYPED, "⋮"} and line not in printed]
    assert missing == []
    assert len(COMMANDS.splitlines()) <= 10


@pytest.mark.usefixtures("clock")
def test_refused_version_is_shown_as_up_prints_it(
    cloud: FakeCloudRun, usher: FakeUsher, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (replace(version(number), alert_channel=None, alert_email=None) for number in (1, 2))
    roll_out(first, {}, Walk(cloud.run))
    capsys.readouterr()

    with pytest.raises(RevisionRefusedError) as refused:
        roll_out(second, {}, Walk(cloud.run), transport=refuse(usher).transport())

    printed = [capsys.readouterr().out.splitlines()[-1], str(refused.value).splitlines()[0]]
    assert [re.sub(r"create-user-\S+", "REVISION", line) for line in printed] == [
        re.sub(r"create-user-\S+", "REVISION", line) for line in REFUSED.splitlines()
    ]


def as_shown(text: str) -> str:
    """With one stand-in for what differs: seconds, the project's number and the address."""
    text = re.sub(r"\([\d.]+ s\)", "(s)", text)
    return re.sub(r"https://create-user-\w+-ew\.a\.run\.app|the-CREATE_USER_URL", "URL", text).replace(
        "123456789012", "the-PROJECT_NUMBER"
    )
