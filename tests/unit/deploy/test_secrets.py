"""The secrets: given, stored or asked for before the first step; and the pepper, which is never replaced."""

import io
from argparse import Namespace
from pathlib import Path

import pytest

from blueprint.gcloud import Command, GcloudError, Run
from deploy.settings import SettingsError
from deploy.steps.secrets import complete_secrets
from deploy.up import up
from deploy.walk import Walk
from tests.unit.deploy.fake_project import FakeProject
from tests.unit.deploy.plans import PROJECT, REGION, SMTP, SMTP_PASSWORD, all_steps, deployment

NOT_FOUND = "NOT_FOUND: Secret [projects/1/secrets/usher-smtp-password] not found."
NO_API = "Secret Manager API has not been used in project 1 before or it is disabled."


def stored(*, password: str, pepper: str = "enabled") -> Run:
    """A gcloud that prints the states of the versions; NOT_FOUND and the like are what it fails with."""

    def run(command: Command, _payload: str | None = None) -> str:
        states = pepper if "usher-password-peppers" in command else password
        if states in {NOT_FOUND, NO_API, "PERMISSION_DENIED"}:
            raise GcloudError(command, states)
        return states

    return run


@pytest.mark.parametrize("password", ["", "disabled\ndestroyed", NOT_FOUND, NO_API])
def test_password_that_is_neither_given_nor_stored_is_asked_for(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("deploy.steps.secrets.getpass", lambda _prompt: "typed")

    assert complete_secrets(deployment(), {}, stored(password=password)) == {"SMTP_PASSWORD": "typed"}


def test_password_that_is_given_or_stored_is_not_asked_for() -> None:
    given = {"SMTP_PASSWORD": "given"}

    assert complete_secrets(deployment(), given, stored(password=NOT_FOUND)) == given
    assert complete_secrets(deployment(), {}, stored(password="disabled\nenabled")) == {}


def test_password_that_is_not_typed_when_asked_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("deploy.steps.secrets.getpass", ended)

    with pytest.raises(SettingsError, match="SMTP_PASSWORD was not given: type it when prompted"):
        complete_secrets(deployment(), {}, stored(password=""))


def test_failure_to_look_is_not_taken_for_nothing_stored() -> None:
    with pytest.raises(GcloudError, match="PERMISSION_DENIED"):
        complete_secrets(deployment(), {}, stored(password="PERMISSION_DENIED"))


def test_pepper_of_which_no_version_is_enabled_is_never_replaced() -> None:
    with pytest.raises(SettingsError, match="has versions, but none is enabled") as refused:
        complete_secrets(deployment(), {}, stored(password="enabled", pepper="disabled"))

    assert str(refused.value).endswith(
        "gcloud secrets versions enable NUMBER --secret=usher-password-peppers --project=demo-project"
    )


def test_up_without_a_password_calls_nothing_that_changes_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = FakeProject(all_steps(deployment()))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("deploy.up.rehearse", lambda _deployment: [])
    monkeypatch.setattr("deploy.up.before_up", lambda *_all: [])
    settings = {name.lower(): value for name, value in SMTP.items()}

    with pytest.raises(SettingsError, match="SMTP_PASSWORD is not stored yet"):
        up(
            Namespace(
                dry_run=False,
                check=False,
                config=tmp_path / "none",
                project=PROJECT,
                region=REGION,
                rebuild=False,
                **settings,
            ),
            run=project.run,
        )

    assert project.made == {}


@pytest.mark.parametrize(("before", "adds"), [("an old one", 1), (SMTP_PASSWORD, 0)])
def test_another_password_becomes_a_new_version(before: str, adds: int) -> None:
    steps = all_steps(deployment(), SMTP_PASSWORD=SMTP_PASSWORD)
    newer = [step for step in steps if "version of usher-smtp-password" in step.sentence]
    added: list[str | None] = []

    def run(command: Command, payload: str | None) -> str:
        """A gcloud with an enabled version 1, and one after it that is disabled and cannot be read."""
        if "list" in command:
            return "1"
        if "access" in command:
            assert command[4] == "1"
            return before
        added.append(payload)
        return "3"

    walk = Walk(run, lambda _text: None)
    walk.up(newer)

    assert added == [SMTP_PASSWORD] * adds
    assert walk.variables.get("SMTP_PASSWORD_VERSION") == ("3" if adds else "1")
