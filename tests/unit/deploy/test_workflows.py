"""What GitHub would make of the workflows, as far as it can be read; and what the deployer has to be allowed."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it comes without types

from blueprint.topology import PROJECT_ROOT
from deploy.preflight.questions import QUESTIONS
from tests.deploy.commands import gcloud_commands
from tests.unit.deploy.printed import SCRIPTS, printed

SAMPLE = PROJECT_ROOT / "deploy" / "github-actions.yaml"
WORKFLOWS = [*sorted((PROJECT_ROOT / ".github" / "workflows").iterdir()), SAMPLE]
README = (PROJECT_ROOT / "deploy" / "README.md").read_text()
_SHELLCHECK = Path(sys.executable).with_name("shellcheck")
_EVENTS = {"push", "pull_request", "schedule", "workflow_dispatch"}
_JOB = {"name", "runs-on", "timeout-minutes", "strategy", "permissions", "environment", "steps"}


def read(workflow: Path) -> dict[str, Any]:
    read: dict[Any, Any] = yaml.safe_load(workflow.read_text())
    return {"on" if key is True else key: value for key, value in read.items()}  # YAML 1.1 takes `on` for true


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    for job in read(workflow)["jobs"].values():
        yield from job["steps"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_workflow_is_one_that_github_takes(workflow: Path) -> None:
    whole = read(workflow)

    assert set(whole) - {"concurrency"} == {"name", "on", "permissions", "jobs"}
    assert set(whole["on"]) <= _EVENTS
    for schedule in whole["on"].get("schedule", []):
        assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", schedule["cron"])
    for job in whole["jobs"].values():
        assert {"runs-on", "timeout-minutes", "steps"} <= set(job) <= _JOB
    for step in steps(workflow):
        assert len({"uses", "run"} & set(step)) == 1
        assert set(step) <= {"uses", "with", "run", "env"}
        assert re.fullmatch(r"[\w-]+/[\w-]+@(v\d+|[0-9a-f]{40})", step.get("uses", "a/b@v1"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_workflow_runs_targets_that_exist_in_clean_shell(workflow: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+(?: [a-z-]+)*):", (PROJECT_ROOT / "Makefile").read_text()))
    known = {target for line in targets for target in line.split()}
    matrix = {name for job in read(workflow)["jobs"].values() for name in _targets(job)}
    lines = [step["run"].replace("${{ matrix.target }}", "unit") for step in steps(workflow) if "run" in step]

    checked = subprocess.run(
        [_SHELLCHECK, "-s", "bash", "-"], input="\n".join(lines), capture_output=True, text=True, check=False
    )

    assert checked.stdout == ""
    assert not [line for line in lines if "${{" in line], "what others write must not become shell"
    made = {shlex.split(line)[1] for line in lines if line.startswith("make ")}
    assert made | matrix <= known | {f"test-{name}" for name in ("deploy", "chaos", "browser")}


def _targets(job: dict[str, Any]) -> list[str]:
    listed: list[str] = job.get("strategy", {}).get("matrix", {}).get("target", [])
    return listed


def test_deployment_starts_by_hand_with_a_login_of_minutes_and_pinned_actions() -> None:
    whole = read(SAMPLE)
    (job,) = whole["jobs"].values()

    assert set(whole["on"]) == {"workflow_dispatch"}
    assert (whole["permissions"], job["permissions"]) == ({}, {"contents": "read", "id-token": "write"})
    for step in job["steps"]:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step.get("uses", f"a/b@{40 * '0'}"))
    (deploying,) = [step for step in job["steps"] if "deploy up" in step.get("run", "")]
    assert deploying["env"] == {name: f"${{{{ secrets.{name} }}}}" for name in ("SMTP_PASSWORD", "SMS_AUTH_TOKEN")}


def test_parser_check_asks_the_newest_gcloud_every_week() -> None:
    workflow = PROJECT_ROOT / ".github" / "workflows" / "gcloud.yaml"

    (setting_up,) = [step["with"] for step in steps(workflow) if "setup-gcloud" in step.get("uses", "")]
    assert setting_up["version"] == "latest"
    assert any("-k test_lint" in step.get("run", "") for step in steps(workflow))
    assert "schedule" in read(workflow)["on"]


def test_deployer_has_the_roles_that_its_commands_need_and_no_other() -> None:
    table = README.partition("| what it calls |")[2].partition("\n\n")[0]
    rows = [re.findall(r"`([^`]+)`", line) for line in table.splitlines() if "`" in line]
    granted = README.partition("for role in ")[2].partition("; do")[0].replace("\\\n", " ").split()
    scripts = [command for words in SCRIPTS.values() for command in gcloud_commands(printed(*words))]

    called = {re.sub("^gcloud (alpha |beta )?", "", command).split()[0] for command in scripts}

    assert {group for *groups, _role in rows for group in groups} == called - {"auth"}  # it prints the login
    assert [f"roles/{role}" for role in granted] == [role for *_groups, role in rows]


def test_deployers_project_has_the_apis_that_are_asked_on_its_own_account() -> None:
    enabled = README.partition("gcloud services enable ")[2].partition("--project")[0]
    asked = {question.url.partition("googleapis.com")[0] for question in QUESTIONS.values() if not question.at_home}

    assert asked <= {f"https://{api}." for api in re.findall(r"(\w+)\.googleapis\.com", enabled)}
