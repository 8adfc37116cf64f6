"""Who may call what: create_user everyone with --public, otherwise holders of run.invoker; the rest, Google."""

import io
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from blueprint.gcloud import Command, GcloudError
from deploy.up import up
from tests.gcloud_messages import SAID
from tests.unit.deploy.fake_project import FakeProject
from tests.unit.deploy.plans import PROJECT, REGION, SMS, SMTP, SMTP_PASSWORD, all_steps, deployment

NOT_PUBLIC = SAID["no public services"]


@pytest.mark.parametrize("public", [True, False])
def test_entrance_is_opened_to_everyone_only_when_told(*, public: bool) -> None:
    commands = [step.command for step in all_steps(replace(deployment(**SMS), public=public))]

    opened = {command[4] for command in commands if "--no-invoker-iam-check" in command}
    closed = {command[4 if "update" in command else 3] for command in commands if "--invoker-iam-check" in command}
    deployed = {command[3] for command in commands if command[:3] == ("gcloud", "run", "deploy")}
    assert opened == ({"create-user"} if public else set())
    assert closed == deployed - opened


def test_all_but_the_entrance_are_reached_from_within_the_project_only() -> None:
    deploying = [s.command for s in all_steps(deployment(**SMS)) if s.command[:3] == ("gcloud", "run", "deploy")]

    ingress = {command[3]: [word for word in command if word.startswith("--ingress")] for command in deploying}

    assert ingress.pop("create-user") == []  # a load balancer may have been put in front of it
    assert set(ingress) == {"send-email", "notify-admin", "relay-outbox", "audit"}
    assert all(words == ["--ingress=internal"] for words in ingress.values())


@pytest.mark.usefixtures("steps_alone")
def test_where_an_organization_forbids_public_services_the_address_and_the_constraint_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = FakeProject(all_steps(replace(deployment(), alert_channel=None), SMTP_PASSWORD=SMTP_PASSWORD))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SMTP_PASSWORD}\n"))
    monkeypatch.setattr("deploy.up.before_up", lambda *_all: [])
    settings = {name.lower(): value for name, value in SMTP.items()}

    def run(command: Command, payload: str | None = None) -> str:
        if "--no-invoker-iam-check" in command:
            raise GcloudError(command, NOT_PUBLIC.text)
        return project.run(command, payload)

    with pytest.raises(GcloudError, match=r"constraints/run\.managed\.requireInvokerIam\)\. Ask"):
        up(
            Namespace(
                dry_run=False,
                check=False,
                rebuild=False,
                at_once=False,
                config=tmp_path / "none",
                project=PROJECT,
                region=REGION,
                public=True,
                **settings,
            ),
            run=run,
        )

    assert capsys.readouterr().out.endswith("FAILED\n\ncreate-user is at the-CREATE_USER_URL\n")
    # a binding of before may be all that keeps it open
    assert not any("allUsers" in " ".join(command) for command in project.journal)
