"""What drifted, or was disabled, in a project that was deployed to: single steps by the real gcloud."""

import pytest

from blueprint.gcloud import run_gcloud
from deploy.settings import SettingsError
from deploy.steps.secrets import complete_secrets
from tests.deploy.conftest import Deployed
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.single_steps import Steps
from tests.unit.deploy.plans import PROJECT, SMTP_PASSWORD, deployment

pytestmark = pytest.mark.timeout(300)


def test_subscription_is_brought_back(deployed: Deployed, deployed_google: FakeGoogle, steps: Steps) -> None:
    drifted = deployed_google.state.subscriptions["send-email"]
    del drifted["deadLetterPolicy"], drifted["retryPolicy"]
    drifted["ackDeadlineSeconds"] = 10

    steps.run("Push user.created to send-email")

    assert deployed_google.state.subscriptions == deployed.state.subscriptions


def test_subscription_of_others_is_not_taken_for_a_function_left_behind(
    deployed_google: FakeGoogle, steps: Steps
) -> None:
    name, of_others = f"projects/{PROJECT}/subscriptions/notify-admin", f"projects/{PROJECT}/topics/orders"
    deployed_google.state.subscriptions["notify-admin"] = {"name": name, "topic": of_others}

    steps.run("Make sure that notify-admin")

    deployed_google.state.subscriptions["notify-admin"]["topic"] = f"projects/{PROJECT}/topics/user.created"
    with pytest.raises(SettingsError, match="notify-admin receives events here"):
        steps.run("Make sure that notify-admin")


def test_another_password_replaces_the_stored_one(deployed_google: FakeGoogle, steps: Steps) -> None:
    deployed_google.state.versions["usher-smtp-password"] = [b"an old one"]

    steps.run("Store a new version of usher-smtp-password")

    assert deployed_google.state.versions["usher-smtp-password"] == [b"an old one", SMTP_PASSWORD.encode()]


def test_disabled_pepper_is_seen_and_not_replaced(deployed_google: FakeGoogle, steps: Steps) -> None:
    deployed_google.state.disabled.add("usher-password-peppers")

    with pytest.raises(SettingsError, match="none is enabled"):
        complete_secrets(deployment(), {}, run_gcloud)
    steps.run("Store the first version of usher-password-peppers")

    assert len(deployed_google.state.versions["usher-password-peppers"]) == 1


def test_index_that_an_earlier_version_took_away_is_brought_back(deployed_google: FakeGoogle, steps: Steps) -> None:
    fields = "projects/demo-project/databases/(default)/collectionGroups/users/fields"
    deployed_google.state.fields[f"{fields}/created_at"] = {"name": f"{fields}/created_at", "indexConfig": {}}

    steps.run("Keep users.created_at in its index")

    assert "indexConfig" not in deployed_google.state.fields[f"{fields}/created_at"]
