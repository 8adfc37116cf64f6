"""The scripts that `plan` and `--dry-run` print."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from blueprint.gcloud import GcloudError
from tests.deploy.commands import gcloud_commands, lint_faults
from tests.deploy.conftest import PROJECT, REGION, SETTINGS, SMTP_PASSWORD, Deploy, Deployed
from tests.deploy.fake_google.server import FakeGoogle

pytestmark = pytest.mark.timeout(300)
_ROOT = Path(__file__).parent.parent.parent
EVERYTHING = (*SETTINGS, "--public", "--alert-channel=projects/demo-project/notificationChannels/1")
DOCUMENTS = [
    file for part in ("*.md", "deploy/*.md", "docs/**/*.md", "benchmarks/**/*.md") for file in _ROOT.glob(part)
]
_SHELLCHECK = Path(sys.executable).with_name("shellcheck")
PLACE = (f"--project={PROJECT}", f"--region={REGION}")
SCRIPTS = {
    "a bare plan": ("plan", *PLACE),
    "a full plan": ("plan", *PLACE, *EVERYTHING),
    "up": ("up", *PLACE, *EVERYTHING, "--dry-run"),
    "down": ("down", *PLACE, "--dry-run"),
    "down with the data": ("down", *PLACE, "--dry-run", "--drop-data", "--drop-events"),
    "status": ("status", *PLACE, "--dry-run"),
    "bundle": ("bundle", "--dry-run"),
}


@cache
def printed(*words: str) -> str:
    """What the verb prints where there is no gcloud to call."""
    return subprocess.run(
        [sys.executable, "-m", "deploy", *words],
        cwd=_ROOT,
        env={"PATH": "/nowhere"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def shell(command: str) -> str:
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("words", SCRIPTS.values(), ids=SCRIPTS)
def test_script_passes_shellcheck(words: tuple[str, ...]) -> None:
    checked = subprocess.run([_SHELLCHECK, "-"], input=printed(*words), capture_output=True, text=True, check=False)

    assert checked.stdout == ""
    assert checked.returncode == 0


def test_every_command_in_scripts_and_docs_passes_gclouds_own_parser(
    gcloud: str, gcloud_environment: dict[str, str], tmp_path: Path
) -> None:
    printed_ones = [command for words in SCRIPTS.values() for command in gcloud_commands(printed(*words))]
    documented = gcloud_commands("\n".join(map(shell_lines, DOCUMENTS)))
    wrong = gcloud_commands("x=$(gcloud pubsub topics create t --no-such-flag=1 | cat)\n")

    faults = lint_faults(gcloud, sorted({*printed_ones, *documented, *advised(), *wrong}), tmp_path, gcloud_environment)

    assert len(set(printed_ones)) > 60
    assert len(documented) > 25
    assert len(advised()) == 3
    (noticed,) = faults
    assert noticed.startswith("gcloud pubsub topics create t --no-such-flag=1: unrecognized")


def shell_lines(document: Path) -> str:
    """The blocks of shell, and the gcloud commands within sentences."""
    block = r"(?ms)^```(\w*)\n(.*?)^```$"
    text = document.read_text()
    shell = [block for language, block in re.findall(block, text) if language in {"", "sh", "bash", "console"}]
    return "\n".join([*shell, *re.findall(r"`(gcloud [a-z][^`…]*)`", re.sub(block, "", text))])


def advised() -> list[str]:
    """The gcloud commands that a failure's message ends with."""
    failures = ("You do not currently have this command group installed", "Invalid choice", "credentials")
    return [command for said in failures for command in re.findall(r": (gcloud .*)", str(GcloudError((), said)))]


def test_plan_asks_for_settings_that_are_missing() -> None:
    script = printed("plan", *PLACE)

    assert ': "${SMTP_HOST:?set it before you run this}"' in script
    assert "SMTP_HOST=${SMTP_HOST}" in script
    assert ': "${SMTP_HOST' not in printed("plan", *PLACE, *SETTINGS)


def test_awkward_values_arrive_as_they_are() -> None:
    awkward = "\"Us$her `x`, 'z'\" <a@b.example>"

    script = printed("plan", *PLACE, "--smtp-host=h", f"--mail-from={awkward}").replace("\\\n", " ")

    (deploying,) = re.findall(r"(?m)gcloud run deploy send-email(.*)\)$", script)
    words = shell(f"printf '%s\\n' {deploying}").splitlines()
    (settings,) = [word for word in words if word.startswith("--set-env-vars=")]
    assert f"|MAIL_FROM={awkward}|" in settings


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_script_does_what_up_does(
    google: FakeGoogle, deployed: Deployed, deploy: Deploy, gcloud_environment: dict[str, str]
) -> None:
    plan = deploy("plan", *SETTINGS, "--public").stdout

    runs = [
        subprocess.run(
            ["bash", "-c", plan],
            cwd=deploy.root,
            env=gcloud_environment,
            input=SMTP_PASSWORD,
            text=True,
            check=False,
            capture_output=True,
        )
        for _ in range(2)
    ]

    assert [run.returncode for run in runs] == [0, 0], runs[0].stderr + runs[1].stderr
    assert google.state.policies == deployed.state.policies
    assert google.state.subscriptions == deployed.state.subscriptions
    assert google.state.fields == deployed.state.fields
    assert google.state.versions["usher-smtp-password"] == [SMTP_PASSWORD.encode()]
    assert len(google.state.versions["usher-password-peppers"]) == 1
    assert [s["metadata"]["generation"] for s in google.state.services.values()] == [2] * len(deployed.state.services)
