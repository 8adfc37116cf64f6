"""A function that is deployed only where its settings are given: an SMS to the admin, say."""

import subprocess

import pytest

from blueprint.topology import read_topology
from deploy.deployment import Deployment
from deploy.script import up_lines
from deploy.settings import Given, SettingsError, deployment_of, everything_of
from tests.deploy.conftest import PROJECT, REGION, SMS_AUTH_TOKEN, Deployed
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.roles import missing_roles
from tests.deploy.single_steps import SMS, Steps, all_steps, deployment

pytestmark = pytest.mark.timeout(300)
REFUSING = "Make sure that notify-admin"


def without_texts() -> Deployment:
    return deployment(PROJECT, REGION)


def with_texts() -> Deployment:
    return deployment(PROJECT, REGION, **SMS)


def words(of: Deployment) -> set[str]:
    return {word for step in all_steps(of) for word in step.command}


def test_without_its_settings_nothing_of_it_is_made() -> None:
    made = " ".join(words(without_texts()))

    assert "notify" not in made
    assert "usher-sms-auth-token" not in made


def test_with_its_settings_it_comes_on_top_and_the_others_stay_as_they_are() -> None:
    before, after = (words(of) for of in (without_texts(), with_texts()))

    assert before < after
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


@pytest.mark.exhaustive
def test_switched_on_it_is_pushed_to_and_switched_off_it_is_not_left_behind(
    deployed: Deployed, texting_google: FakeGoogle
) -> None:
    state = texting_google.state

    assert state.subscriptions["notify-admin"]["pushConfig"]["pushEndpoint"].startswith("https://notify-admin-")
    assert state.subscriptions["send-email"] == deployed.state.subscriptions["send-email"]
    assert state.versions["usher-sms-auth-token"] == [SMS_AUTH_TOKEN.encode()]
    assert missing_roles(state) == []

    with pytest.raises(SettingsError, match="SMS_ACCOUNT_SID, SMS_FROM, SMS_TO are no longer set") as refused:
        Steps(all_steps(without_texts())).run(REFUSING)
    subprocess.run(["bash", "-ec", commands_in(str(refused.value))], check=True, capture_output=True)

    Steps(all_steps(without_texts())).run(REFUSING)
    assert state.subscriptions == deployed.state.subscriptions
    assert state.services.keys() == deployed.state.services.keys()
    assert state.accounts == deployed.state.accounts
    assert "notify-admin" not in str(state.policies)


@pytest.mark.parametrize(("there", "code"), [("notify-admin", 2), ("send-email", 0)])
def test_script_refuses_to_leave_it_behind_as_up_does(there: str, code: int) -> None:
    (refusing,) = [step for step in all_steps(without_texts()) if REFUSING in step.sentence]

    lines = [f"gcloud() {{ echo {there}; }}", *up_lines([refusing])]
    done = subprocess.run(["bash", "-ec", "\n".join(lines)], capture_output=True, text=True, check=False)

    assert done.returncode == code
    assert ("gcloud pubsub subscriptions delete notify-admin" in done.stderr) == bool(code)


def commands_in(refusal: str) -> str:
    return refusal.partition("subscription:\n")[2].rpartition("\n")[0]
