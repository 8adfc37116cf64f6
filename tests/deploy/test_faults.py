"""What goes wrong in a deployment: the real gcloud meets each fault in a single step, from a saved state."""

import os
from pathlib import Path

import pytest

from blueprint.gcloud import GcloudError
from tests.deploy.commands import gcloud_commands, lint_faults
from tests.deploy.conftest import PROJECT, SMTP_PASSWORD, Deploy, Deployed
from tests.deploy.fake_google.routing import ApiError
from tests.deploy.fake_google.server import FakeGoogle, Fault
from tests.deploy.fake_google.state import State
from tests.deploy.single_steps import Steps

pytestmark = pytest.mark.timeout(300)

REFUSED = ApiError(403, "PERMISSION_DENIED", "Permission 'iam.serviceAccounts.create' denied on resource")
CONFLICT = ApiError(409, "ABORTED", "There were concurrent policy changes. Please retry the whole read-modify-write")
NOT_YET = ApiError(
    400, "INVALID_ARGUMENT", f"Service account usher-build@{PROJECT}.iam.gserviceaccount.com does not exist."
)
OFF = ApiError(403, "PERMISSION_DENIED", "Cloud Pub/Sub API has not been used in project 1 before or it is disabled.")
FAILED = ApiError(400, "FAILED_PRECONDITION", "Build failed; check build logs for details")
QUOTA = ApiError(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Write requests'")


def test_refused_permission_stops_with_command_message_and_advice(google: FakeGoogle, deploy: Deploy) -> None:
    google.faults.append(Fault("POST", "/serviceAccounts", REFUSED))

    done = deploy.up()

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].endswith("FAILED")
    assert "failed: gcloud iam service-accounts create usher-build" in done.stderr
    assert "iam.serviceAccounts.create" in done.stderr
    assert "Ask the project's owner" in done.stderr
    assert "run the same command again" in done.stderr
    assert SMTP_PASSWORD not in done.stdout + done.stderr


@pytest.mark.parametrize("error", [CONFLICT, NOT_YET], ids=["a conflict", "an account not yet known"])
def test_grant_is_repeated_until_it_holds(deployed_google: FakeGoogle, steps: Steps, error: ApiError) -> None:
    deployed_google.state.policies.clear()
    deployed_google.faults.append(Fault("POST", ":setIamPolicy", error, times=2))

    shown = steps.run("roles/run.builder")

    assert shown.count("waiting") >= 1
    assert deployed_google.state.members(PROJECT, "roles/run.builder")


def test_api_that_was_just_enabled_is_waited_for(google: FakeGoogle, steps: Steps) -> None:
    google.faults.append(Fault("PUT", "/topics/", OFF))

    shown = steps.run("Create the topic user.created.dead-letter")

    assert "waiting" in shown
    assert "user.created.dead-letter" in google.state.topics


def test_quota_is_not_waited_for(google: FakeGoogle, steps: Steps) -> None:
    google.faults.append(Fault("PUT", "/topics/", QUOTA, times=9))

    with pytest.raises(GcloudError, match=r"(?s)Quota exceeded.*iam-admin/quotas"):
        steps.run("Create the topic user.created.dead-letter")

    assert google.state.topics == {}


def test_failed_build_stops_and_the_next_up_continues(deployed_google: FakeGoogle, steps: Steps) -> None:
    before = deployed_google.state.services["create-user"]["metadata"]["generation"]
    deployed_google.faults.append(Fault("GET", "cloudbuild.googleapis.com", FAILED))

    with pytest.raises(GcloudError, match=r"(?s)Build failed.*make lock"):
        steps.run("deploy create-user")
    after_fault = deployed_google.state.services["create-user"]["metadata"]["generation"]
    steps.run("deploy create-user")

    assert after_fault == before
    assert deployed_google.state.services["create-user"]["metadata"]["generation"] == before + 1


def test_grant_on_a_secret_that_spreads_slowly_is_waited_for(deployed_google: FakeGoogle, steps: Steps) -> None:
    policy = f"projects/{PROJECT}/secrets/usher-smtp-password"
    granted = deployed_google.state.policies.pop(policy)

    def spread() -> None:
        deployed_google.state.policies[policy] = granted

    shown = steps.run("deploy send-email", meanwhile=spread)

    assert "waiting" in shown


def test_missing_password_is_found_before_the_first_step(google: FakeGoogle, deploy: Deploy) -> None:
    done = deploy.up(secret="")

    assert done.returncode == 2
    assert "SMTP_PASSWORD is not stored yet" in done.stderr
    assert "[1/" not in done.stdout
    assert google.state == State(PROJECT)


def test_pepper_of_which_no_version_is_enabled_is_never_replaced(
    deployed_google: FakeGoogle, deploy: Deploy, steps: Steps, gcloud: str, tmp_path: Path
) -> None:
    deployed_google.state.disabled.add("usher-password-peppers")

    done = deploy.up()
    steps.run("Store the first version of usher-password-peppers")

    assert done.returncode == 2
    assert "usher-password-peppers has versions, but none is enabled" in done.stderr
    assert lint_faults(gcloud, gcloud_commands(done.stderr), tmp_path, {**os.environ}) == []
    assert gcloud_commands(done.stderr)
    assert len(deployed_google.state.versions["usher-password-peppers"]) == 1


@pytest.mark.exhaustive  # gcloud itself tries for half a minute
def test_network_lost_in_a_step_stops_and_the_next_up_continues(google: FakeGoogle, steps: Steps) -> None:
    google.faults.append(Fault("PUT", "/topics/", None, times=99))

    with pytest.raises(GcloudError):
        steps.run("Create the topic user.created.dead-letter")
    google.faults.clear()
    steps.run("Create the topic user.created.dead-letter")

    assert "user.created.dead-letter" in google.state.topics


def test_another_password_on_standard_input_replaces_the_stored_one(deployed_google: FakeGoogle, steps: Steps) -> None:
    deployed_google.state.versions["usher-smtp-password"] = [b"an old one"]

    steps.run("Store a new version of usher-smtp-password")

    assert deployed_google.state.versions["usher-smtp-password"] == [b"an old one", SMTP_PASSWORD.encode()]


def test_drifted_subscription_is_brought_back(deployed: Deployed, deployed_google: FakeGoogle, steps: Steps) -> None:
    drifted = deployed_google.state.subscriptions["send-email"]
    del drifted["deadLetterPolicy"], drifted["retryPolicy"]
    drifted["ackDeadlineSeconds"] = 10

    steps.run("Push user.created to send-email")

    assert deployed_google.state.subscriptions == deployed.state.subscriptions


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
@pytest.mark.parametrize("place", ["databases", "/subscriptions/", "builds:submit"])
def test_up_after_a_fault_in_the_middle_ends_where_an_undisturbed_one_does(
    google: FakeGoogle, deployed: Deployed, deploy: Deploy, place: str
) -> None:
    google.faults.append(Fault("PUT" if "subscriptions" in place else "POST", place, QUOTA, times=99))
    disturbed = deploy.up()
    google.faults.clear()

    done = deploy.up()

    assert disturbed.returncode == 1
    assert done.returncode == 0, done.stderr
    assert set(google.state.services) == set(deployed.state.services)
    assert google.state.policies == deployed.state.policies
    assert google.state.subscriptions == deployed.state.subscriptions
    assert len(google.state.versions["usher-password-peppers"]) == 1
