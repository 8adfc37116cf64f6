"""Each function is started with the settings that it would get: it complains before anything is called."""

from pathlib import Path

import pytest

from blueprint.bundle import stage
from deploy.rehearsal import rehearse
from tests.deploy.conftest import copy_project
from tests.unit.deploy.plans import deployment


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = copy_project(tmp_path)
    (root / "functions" / "create_user" / "ours.txt").write_text("plum tractor violet harbour\n")
    (root / "elsewhere.txt").write_text("plum tractor violet harbour\n")
    monkeypatch.chdir(root)
    monkeypatch.setattr("deploy.rehearsal.stage", lambda name, function: stage(name, function, root))
    return root


def test_functions_that_start_say_nothing_and_leave_nothing(root: Path) -> None:
    """A file that a setting names is looked for where the function is."""
    assert rehearse(deployment(PASSWORD_BLOCKLIST="ours.txt", VERIFY_EMAIL="true")) == []
    assert not list((root / "build").rglob("__pycache__"))


@pytest.mark.usefixtures("root")
def test_each_function_that_does_not_start_says_why() -> None:
    of_create_user, of_send_email = rehearse(
        deployment(
            PASSWORD_BLOCKLIST="elsewhere.txt", SMTP_PORT="none", VERIFY_EMAIL="true", SIGN_UP_URL="http://a.example/"
        )
    )

    assert "create_user does not start" in of_create_user
    assert "PASSWORD_BLOCKLIST" in of_create_user
    assert "SMTP_PORT: must be a whole number (got none)" in of_send_email
    assert "SIGN_UP_URL: must be an https URL" in of_send_email
