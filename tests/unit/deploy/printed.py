"""What the verbs print where there is no gcloud to call."""

import io
from contextlib import redirect_stdout

import pytest

from deploy.cli import main
from tests.unit.deploy.plans import ALERT_EMAIL, PROJECT, REGION

SETTINGS = ("--smtp-host=mail.example.com", "--smtp-user=usher", "--mail-from=Usher <welcome@example.com>")
_EVERYTHING = (
    *SETTINGS,
    "--public",
    f"--alert-email={ALERT_EMAIL}",
    "--alert-channel=projects/p/notificationChannels/1",
)
PLACE = (f"--project={PROJECT}", f"--region={REGION}")
SCRIPTS = {
    "a bare plan": ("plan", *PLACE),
    "a full plan": ("plan", *PLACE, *_EVERYTHING),
    "a plan that verifies": ("plan", *PLACE, *_EVERYTHING, "--verify-email"),
    "up": ("up", *PLACE, *_EVERYTHING, "--dry-run"),
    "rollback": ("rollback", *PLACE, "--dry-run"),
    "down": ("down", *PLACE, "--dry-run"),
    "down with the data": ("down", *PLACE, "--dry-run", "--drop-data", "--drop-events"),
    "status": ("status", *PLACE, "--dry-run"),
    "bundle": ("bundle", "--dry-run"),
}


def printed(*words: str) -> str:
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as environment, redirect_stdout(output):
        environment.setenv("PATH", "/nowhere")
        environment.setattr("sys.argv", ["deploy", *words])
        with pytest.raises(SystemExit) as end:
            main()
    assert end.value.code == 0
    return output.getvalue()
