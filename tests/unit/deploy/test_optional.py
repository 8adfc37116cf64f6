"""A function that is deployed only where its settings are given: an SMS to the admin, say."""

import shlex
import subprocess

import pytest

from blueprint.topology import read_topology
from deploy.deployment import Deployment
from deploy.script import up_lines
from deploy.settings import Given, SettingsError, deployment_of, everything_of
from deploy.step import Step
from deploy.walk import Walk
from tests.unit.deploy.fake_project import FakeProject
from tests.unit.deploy.plans import PROJECT, REGION, SMS, SMTP_PASSWORD, all_steps, deployment

REFUSING = "Make sure that notify-admin"


def without_texts() -> Deployment:
    return deployment()


def with_texts() -> Deployment:
    return deployment(**SMS)


def words(of: Deployment) -> set[str]:
    return {word for step in all_steps(of) for word in step.command}


def test_without_its_settings_nothing_of_it_is_made() -> None:
    made = " ".join(words(without_texts()))

    assert "notify" not in made
    assert "usher-sms-auth-token" not in made


def test_with_its_settings_it_comes_on_top_and_the_others_stay_as_they_are() -> None:
    before, after = (words(of) for of in (without_texts(), with_texts()))

    [without_it] = before - after
    assert "AUDITED_SUBSCRIBERS=send_email=send-email|" in without_it
    assert any("AUDITED_SUBSCRIBERS=send_email=send-email notify_admin=notify-admin?|" in word for word in after)
    assert {"notify-admin", "usher-notify-admin", "usher-sms-auth-token"} <= after


def test_some_of_its_settings_are_not_enough() -> None:
    given = Given(
        project=PROJECT, region=REGION, settings={"SMTP_HOST": "h", "MAIL_FROM": "a@b.example", "SMS_TO": "1"}
    )

    with pytest.raises(SettingsError, match="SMS_FROM is missing"):
        deployment_of(given, read_topology(), complete=True)


def test_down_takes_it_away_whether_or_not_its_settings_are_given() -> None:
    everything = everything_of(Given(project=PROJECT, region=REGION), read_topology())

    undone = {word for step in all_steps(everything) for word in step.undo}

    assert {"notify-admin", "usher-sms-auth-token"} <= undone


def test_switched_off_it_is_not_left_behind() -> None:
    """The refusal's own commands take away all that is its own, and no more."""
    secrets = {"SMTP_PASSWORD": SMTP_PASSWORD, "SMS_AUTH_TOKEN": "a-token"}
    texting, without = (all_steps(of, **secrets) for of in (deployment(**SMS), deployment()))
    project = FakeProject(texting)
    walk(project, texting)

    with pytest.raises(SettingsError, match="SMS_ACCOUNT_SID, SMS_FROM, SMS_TO are no longer set") as refused:
        walk(project, without)
    for line in commands_in(str(refused.value)):
        project.run(tuple(shlex.split(line)))

    own = {step.sentence for step in texting} - {step.sentence for step in without}
    kept = {step.sentence for step in texting if step.sentence in own & project.made.keys() and step.undo}
    assert kept == {"Create the secret usher-sms-auth-token"}
    assert {step.sentence for step in without if step.command} <= project.made.keys()
    walk(project, without)


def walk(project: FakeProject, steps: list[Step]) -> None:
    Walk(project.run, lambda _text: None).up(steps)


@pytest.mark.parametrize(("there", "code"), [("notify-admin", 2), ("send-email", 0)])
def test_script_refuses_to_leave_it_behind_as_up_does(there: str, code: int) -> None:
    (refusing,) = [step for step in all_steps(without_texts()) if REFUSING in step.sentence]

    lines = [f"gcloud() {{ echo {there}; }}", *up_lines([refusing])]
    done = subprocess.run(["bash", "-ec", "\n".join(lines)], capture_output=True, text=True, check=False)

    assert done.returncode == code
    assert ("gcloud pubsub subscriptions delete notify-admin" in done.stderr) == bool(code)


def commands_in(refusal: str) -> list[str]:
    return refusal.replace("\\\n", " ").partition("subscription:\n")[2].splitlines()[:-1]
