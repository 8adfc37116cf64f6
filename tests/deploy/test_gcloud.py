"""What is said when gcloud fails, and what counts as gone."""

import subprocess
import sys
from pathlib import Path

import pytest

from blueprint.gcloud import GcloudError
from deploy.step import Step
from deploy.walk import Walk

COMMAND = ("gcloud", "run", "deploy")


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("Billing account for project 1 is not open, billing must be enabled", "Link a billing account"),
        ("Build failed; check build logs for details", "Read the build log"),
        ("RESOURCE_EXHAUSTED: Quota exceeded", "iam-admin/quotas"),
        ("PERMISSION_DENIED: Permission 'x' denied", "Ask the project's owner"),
        ("Please run: gcloud auth login", "gcloud auth login"),
        ("You do not currently have this command group installed.", "gcloud components install alpha beta"),
        ("HTTPSConnectionPool: Max retries exceeded", "Check the network"),
    ],
)
def test_failure_names_command_message_and_advice(message: str, advice: str) -> None:
    said = str(GcloudError(COMMAND, message)).splitlines()

    assert said[0] == "failed: gcloud run deploy"
    assert said[1] == message
    assert advice in said[2]


def test_machine_without_gcloud_learns_where_to_get_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy", "status", "--project=demo-project", "--region=europe-west1"],
        cwd=Path(__file__).parent.parent.parent,
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == "gcloud is not installed: https://cloud.google.com/sdk/docs/install\n"


@pytest.mark.parametrize(
    "message", ["NOT_FOUND: Resource not found", "Cannot find service [x]", "Service account x does not exist."]
)
def test_what_is_already_gone_does_not_fail_down(message: str) -> None:
    shown: list[str] = []

    def gone(command: tuple[str, ...], _payload: str | None) -> str:
        raise GcloudError(command, message)

    Walk(gone, shown.append).down([Step("Create x", ("create",), retried="never", undo=("delete",))], drop_data=False)

    assert "already gone" in "".join(shown)


def test_down_stops_at_any_other_failure() -> None:
    def refuse(command: tuple[str, ...], _payload: str | None) -> str:
        raise GcloudError(command, "PERMISSION_DENIED")

    with pytest.raises(GcloudError):
        Walk(refuse, lambda _text: None).down([Step("Create x", ("create",), undo=("delete",))], drop_data=False)


def test_retried_command_is_given_up_in_the_end() -> None:
    calls = []

    def conflict(command: tuple[str, ...], _payload: str | None) -> str:
        calls.append(command)
        raise GcloudError(command, "ABORTED")

    walk = Walk(conflict, lambda _text: None, patience_seconds=0.2, first_pause_seconds=0.05)
    with pytest.raises(GcloudError):
        walk.up([Step("Grant", ("grant",))])

    assert len(calls) > 1


def test_check_that_fails_is_not_taken_for_nothing_there() -> None:
    def unreachable(command: tuple[str, ...], _payload: str | None) -> str:
        raise GcloudError(command, "Max retries exceeded")

    with pytest.raises(GcloudError, match="list"):
        Walk(unreachable, lambda _text: None).up([Step("Create x", ("create",), check=("list",))])
