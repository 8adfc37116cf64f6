"""The first deployment, as deploy/README.md tells it: its commands are taken, and it shows what they print."""

import io
import re
import shlex
from argparse import Namespace
from pathlib import Path

import pytest

from blueprint.gcloud import Command
from blueprint.topology import PROJECT_ROOT, read_topology
from deploy.cli import main
from deploy.settings import deployment_of, read_given
from deploy.up import up
from tests.deploy.fake_google.state import State
from tests.unit.deploy.fake_answers import FakeAnswers, gcloud
from tests.unit.deploy.fake_project import FakeProject
from tests.unit.deploy.plans import SMTP_PASSWORD, all_steps

BLOCKS = re.findall(r"(?ms)^```(?:sh|text)\n(.*?)^```$", (PROJECT_ROOT / "deploy" / "README.md").read_text())
COMMANDS, OUTPUT = BLOCKS[:2]
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


def as_shown(text: str) -> str:
    """With one stand-in for what differs: numbers of steps, seconds, the project's number and the address."""
    text = re.sub(r"\[\d+/\d+\]", "[n/m]", re.sub(r"\([\d.]+ s\)", "(s)", text))
    return re.sub(r"https://create-user-\w+-ew\.a\.run\.app|the-CREATE_USER_URL", "URL", text).replace(
        "123456789012", "the-PROJECT_NUMBER"
    )
