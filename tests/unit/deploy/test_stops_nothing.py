"""What sign-ups work without comes last, and its failure stops nothing: of `up`, and of the script of `plan`."""

import io
import shlex
import subprocess
from argparse import Namespace
from pathlib import Path

import pytest

from blueprint.gcloud import Command, GcloudError, run_gcloud
from deploy.script import left_out_line, script, up_lines
from deploy.step import Step
from deploy.steps import outer_steps
from deploy.up import LEFT_OUT, up
from tests.unit.deploy.fake_project import FakeProject, filled_by_names, printed
from tests.unit.deploy.plans import ALERT_EMAIL, PROJECT, REGION, SMTP, SMTP_PASSWORD, all_steps, deployment

STEPS = all_steps(deployment(), SMTP_PASSWORD=SMTP_PASSWORD)
MAY_FAIL = {step.sentence: step for step in STEPS if step.may_fail}


def commands_of(step: Step) -> set[Command]:
    return {filled_by_names(step, part) for part in ("check", "command", "update")} - {()}


def test_after_the_entrance_nothing_is_needed_and_before_it_only_metrics_are_not() -> None:
    entrance = STEPS.index(outer_steps(deployment())[-1])

    assert all(step.may_fail for step in STEPS[entrance + 1 :])
    assert {step.command[1:3] for step in STEPS[:entrance] if step.may_fail} == {("logging", "metrics")}


@pytest.mark.usefixtures("steps_alone")
@pytest.mark.parametrize("sentence", MAY_FAIL)
def test_up_ends_with_the_address_and_names_what_failed(
    sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("deploy.up.before_up", lambda *_all: [])
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SMTP_PASSWORD}\n"))
    project, failing = FakeProject(STEPS), commands_of(MAY_FAIL[sentence])
    settings = {name.lower(): value for name, value in SMTP.items()}
    flags = Namespace(
        dry_run=False, check=False, rebuild=False, at_once=True,
        config=tmp_path / "none", project=PROJECT, region=REGION, public=True,
        alert_email=ALERT_EMAIL, alert_channel=deployment().alert_channel, **settings,
    )  # fmt: skip

    def run(command: Command, payload: str | None = None) -> str:
        if command in failing:
            raise GcloudError(command, "PERMISSION_DENIED: no")
        return project.run(command, payload)

    code = up(flags, run=run)

    shown = capsys.readouterr()
    _, said, *left_out = shown.err.splitlines()
    assert code == 0
    assert "\nUsher is deployed: the-CREATE_USER_URL\n" in shown.out
    assert f"{sentence} ... FAILED\nfailed: gcloud " in shown.out
    assert "PERMISSION_DENIED: no\nAsk the project's owner" in shown.out
    assert (said, f"- {sentence}" in left_out) == (LEFT_OUT, True)
    assert ALERT_EMAIL not in shown.out + shown.err


@pytest.mark.parametrize("sentence", ["Count mails, once", "Notify the address", "no image of others"])
@pytest.mark.parametrize("part", ["check", "command", "update"])
def test_script_goes_on_and_names_what_failed(sentence: str, part: str, tmp_path: Path) -> None:
    (step,) = [step for step in STEPS if sentence in step.sentence]
    failing = shlex.quote(" ".join(filled_by_names(step, part)[1:]) or "none")
    found = f"echo {shlex.quote(step.there or printed(step))}; " if part == "update" else ""
    gcloud(
        tmp_path, f'[[ "$*" != {failing} ]] || {{ echo no >&2; exit 1; }}\n[[ "$*" != *list* ]] || {{ {found}true; }}'
    )
    lines = [*up_lines([step, Step("Go on", ("gcloud", "go-on"))]), left_out_line(LEFT_OUT)]

    done = run(tmp_path, script("A title", lines, [step]))

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("Go on\n")
    failed = failing != "none" or (step.refusal and found)
    assert (f"{LEFT_OUT}\n- {step.sentence}\n" in done.stderr) == bool(failed)


@pytest.mark.parametrize(("sentence", "seconds"), [("Alert: Usher: the outbox", 720), ("Measure how old", 300)])
def test_script_waits_as_long_as_up_does(sentence: str, seconds: int, tmp_path: Path) -> None:
    (step,) = [step for step in STEPS if sentence in step.sentence]
    gcloud(
        tmp_path,
        '[[ " $* " != *" create "* ]] || { printf %s "$given" >> given; echo Cannot find metric ABORTED >&2; exit 1; }',
    )
    (tmp_path / "sleep").write_text("#!/bin/sh\necho $1 >> slept\n")
    (tmp_path / "sleep").chmod(0o755)

    run(tmp_path, script("A title", up_lines([step]), [step]))

    slept = (tmp_path / "slept").read_text().splitlines()
    assert sum(map(int, slept)) == seconds
    assert step.payload
    assert (tmp_path / "given").read_text() == step.payload.read("") * len(slept)  # each time again


def test_alerts_are_alpha_where_gcloud_knows_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """528 does; a newer release, and one without its alpha component, are asked no more than once."""
    (step,) = [step for step in STEPS if "Alert: Usher: dead letters" in step.sentence]
    known = "ERROR: (gcloud.monitoring) Invalid choice: 'policies'.\nThis command is available in other tracks."
    gcloud(tmp_path, f'echo "$1" >> called; [[ $1 == alpha ]] || {{ echo {shlex.quote(known)} >&2; exit 2; }}')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr("blueprint.gcloud.PROJECT_ROOT", tmp_path)

    run_gcloud(filled_by_names(step, "check"))
    done = run(tmp_path, script("A title", up_lines([step]), [step]))

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "called").read_text().split() == ["monitoring", "alpha"] * 3


def gcloud(folder: Path, body: str) -> None:
    (folder / "gcloud").write_text(f"#!/bin/bash\ngiven=$(cat)\n{body}\n")
    (folder / "gcloud").chmod(0o755)


def run(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "ALERT_EMAIL_CHANNEL": "a-channel"}
    return subprocess.run(
        ["bash", "-c", text], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
