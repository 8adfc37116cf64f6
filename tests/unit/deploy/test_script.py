"""The scripts that `plan` and `--dry-run` print: they call what the verbs call, in Bash."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from blueprint.gcloud import Command
from blueprint.topology import PROJECT_ROOT
from deploy.script import script as script_around
from deploy.script import up_lines
from deploy.step import Step
from deploy.walk import Walk
from tests.gcloud_messages import ALREADY_THERE, SAID
from tests.unit.deploy.fake_project import FakeProject, filled_by_names
from tests.unit.deploy.plans import SMTP_PASSWORD, all_steps, deployment
from tests.unit.deploy.printed import PLACE, SCRIPTS, SETTINGS, printed

_SHELLCHECK = Path(sys.executable).with_name("shellcheck")
GO_ON = ("gcloud", "go-on")
_PLAN = SCRIPTS["a full plan"]
_VERIFYING_PLAN = SCRIPTS["a plan that verifies"]
_GCLOUD = """#!/bin/bash
folder=${0%/*}
printf '%s\\n' gcloud "$@" '' >> "$folder/journal"
given=$(cat)
[[ " $* " != *" --data-file=- "* ]] || printf '%s\n' "$given" >> "$folder/payloads"
if [[ $* == "$(cat "$folder/failing" 2> /dev/null)" ]]; then
    rm "$folder/failing"
    cat "$folder/message" >&2
    exit 1
fi
case "$*" in
"""


class StandIn:
    """A gcloud in Bash, which answers as a fake project does and keeps what it was called with."""

    def __init__(self, folder: Path, project: FakeProject) -> None:
        self._folder = folder
        (folder / "functions").symlink_to(PROJECT_ROOT / "functions")
        answers = {command: FakeProject(project.steps, dict(project.made)).run(command) for command in asked(project)}
        cases = [
            f"{shlex.quote(' '.join(command[1:]))}) echo {shlex.quote(text)} ;;" for command, text in answers.items()
        ]
        for name, text in (
            ("gcloud", "\n".join([_GCLOUD, *cases, "esac"])),
            ("sleep", '#!/bin/sh\necho "$1" >> "${0%/*}/pauses"\n'),
        ):
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)

    def fail_once(self, command: Command, message: str) -> None:
        (self._folder / "failing").write_text(" ".join(command[1:]))
        (self._folder / "message").write_text(message)

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self._folder,
            env={"PATH": f"{self._folder}:/usr/bin:/bin"},
            input=SMTP_PASSWORD,
            capture_output=True,
            text=True,
            check=False,
        )

    def journal(self) -> list[Command]:
        calls = (self._folder / "journal").read_text().removesuffix("\n\n").split("\n\n")
        return [tuple(call.split("\n")) for call in calls]

    def pauses(self) -> list[str]:
        return (self._folder / "pauses").read_text().split()

    def payloads(self) -> list[str]:
        return (self._folder / "payloads").read_text().splitlines()


def asked(project: FakeProject) -> set[Command]:
    """Every command of its steps that up may call."""
    return {
        command
        for step in project.steps
        for part in ("check", "command", "update")
        if (command := filled_by_names(step, part))
    }


def walked(project: FakeProject) -> FakeProject:
    Walk(project.run, lambda _text: None).up(project.steps)
    return project


def steps_of(**settings: str) -> list[Step]:
    """With the password at hand that a script asks for."""
    given = all_steps(deployment(**settings), SMTP_PASSWORD=SMTP_PASSWORD)
    return [step for step in given if "if another was given" not in step.sentence]


@pytest.fixture
def steps() -> list[Step]:
    """Those of the full plan."""
    return steps_of()


@pytest.mark.parametrize("again", [False, True], ids=["a bare project", "one that is deployed to"])
@pytest.mark.parametrize(
    ("plan", "settings"), [(_PLAN, {}), (_VERIFYING_PLAN, {"VERIFY_EMAIL": "true"})], ids=["open", "mailbox first"]
)
def test_script_of_plan_calls_what_up_calls(
    tmp_path: Path, plan: tuple[str, ...], settings: dict[str, str], *, again: bool
) -> None:
    steps = steps_of(**settings)
    made = walked(FakeProject(steps)).made if again else {}
    project = FakeProject(steps, dict(made))
    gcloud = StandIn(tmp_path, project)

    done = gcloud.run(printed(*plan))

    walked(project)
    questions = {filled_by_names(step, "check") for step in steps}
    assert done.returncode == 0, done.stderr
    assert [command for command in gcloud.journal() if command not in questions] == project.changes()
    assert questions - {()} <= set(gcloud.journal())
    assert done.stdout.endswith("create-user is at the-CREATE_USER_URL\n")
    if not again:
        *generated, password = gcloud.payloads()
        assert len(set(generated)) == 1 + len(settings)
        assert all(re.fullmatch(r"1:[A-Za-z0-9+/]{64}", one) for one in generated)
        assert password == SMTP_PASSWORD


@pytest.mark.parametrize(("message", "code"), [("ABORTED: There were concurrent policy changes", 0), ("QUOTA", 1)])
def test_script_repeats_what_passes_and_stops_at_anything_else(
    tmp_path: Path, steps: list[Step], message: str, code: int
) -> None:
    project = FakeProject(steps)
    gcloud = StandIn(tmp_path, project)
    granting = next(filled_by_names(step, "command") for step in steps if "roles/run.builder" in step.sentence)
    gcloud.fail_once(granting, message)

    done = gcloud.run(printed(*_PLAN))

    assert done.returncode == code
    assert (message in done.stderr) == bool(code)
    assert gcloud.journal().count(granting) == 2 - code
    assert (gcloud.journal()[-1] == granting) == bool(code)


def script_of(step: Step) -> str:
    """One step and another, with what the steps before it would have learned."""
    lines = up_lines([step, Step("Go on", GO_ON)])
    return script_around("Carries out a step.", ["SEND_EMAIL_URL=the-SEND_EMAIL_URL", *lines], [step])


def test_script_waits_as_long_as_google_asks(tmp_path: Path, steps: list[Step]) -> None:
    gcloud = StandIn(tmp_path, FakeProject(steps))
    said = SAID["a database just deleted"]
    step = next(step for step in steps if said.step in step.sentence)
    gcloud.fail_once(filled_by_names(step, "command"), said.text)

    assert gcloud.run(script_of(step)).returncode == 0
    assert gcloud.journal() == [*(filled_by_names(step, part) for part in ("check", "command", "command")), GO_ON]
    assert gcloud.pauses() == ["284", "10"]


@pytest.mark.parametrize("sentence", ["Create the topic user.created.dead-letter", "Push user.created to send-email"])
@pytest.mark.parametrize("there", [True, False], ids=["it is there", "another fault"])
def test_script_takes_what_another_run_has_just_created_for_done(
    tmp_path: Path, steps: list[Step], sentence: str, *, there: bool
) -> None:
    gcloud = StandIn(tmp_path, FakeProject(steps))
    step = next(step for step in steps if sentence in step.sentence)
    gcloud.fail_once(filled_by_names(step, "command"), ALREADY_THERE[sentence] if there else "QUOTA")

    done = gcloud.run(script_of(step))

    called = [filled_by_names(step, part) for part in ("check", "command", *(["update"] if step.update else []))]
    assert done.returncode == (0 if there else 1)
    assert gcloud.journal() == ([*called, GO_ON] if there else called[:2])
    assert ("Already done." in done.stdout) == there


def test_script_that_may_not_open_the_entrance_still_tells_its_address(tmp_path: Path, steps: list[Step]) -> None:
    gcloud = StandIn(tmp_path, FakeProject(steps))
    opening = next(filled_by_names(step, "command") for step in steps if "Let everyone call" in step.sentence)
    gcloud.fail_once(opening, SAID["no public services"].text)

    done = gcloud.run(printed(*_PLAN))

    assert done.returncode == 1
    assert "requireInvokerIam" in done.stderr
    assert done.stdout.endswith("Let everyone call create-user\ncreate-user is at the-CREATE_USER_URL\n")
    assert gcloud.journal()[-1] == opening


@pytest.mark.parametrize("words", SCRIPTS.values(), ids=SCRIPTS)
def test_script_passes_shellcheck(words: tuple[str, ...]) -> None:
    checked = subprocess.run([_SHELLCHECK, "-"], input=printed(*words), capture_output=True, text=True, check=False)

    assert checked.stdout == ""
    assert checked.returncode == 0


def test_plan_asks_for_settings_that_are_missing() -> None:
    script = printed("plan", *PLACE)

    assert ': "${SMTP_HOST:?set it before you run this}"' in script
    assert "SMTP_HOST=${SMTP_HOST}" in script
    assert ': "${SMTP_HOST' not in printed("plan", *PLACE, *SETTINGS)


def test_awkward_values_arrive_as_they_are() -> None:
    awkward = "\"Us$her `x`, 'z'\" <a@b.example>"

    script = printed("plan", *PLACE, "--smtp-host=h", f"--mail-from={awkward}").replace("\\\n", " ")

    (deploying,) = re.findall(r"(?m)gcloud run deploy send-email(.*)\)$", script)
    words = subprocess.run(
        ["bash", "-c", f"printf '%s\\n' {deploying}"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    (settings,) = [word for word in words if word.startswith("--set-env-vars=")]
    assert f"|MAIL_FROM={awkward}|" in settings
