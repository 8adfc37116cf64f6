"""How create_user is opened to everyone and closed again, whatever an earlier version of Usher left behind."""

from dataclasses import replace

import pytest

from blueprint.gcloud import run_gcloud
from deploy.step import filled
from deploy.steps import inner_steps
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.single_steps import Steps
from tests.unit.deploy.plans import PROJECT, REGION, all_steps, deployment

pytestmark = pytest.mark.timeout(300)
CREATE_USER = f"projects/{PROJECT}/locations/{REGION}/services/create-user"
INGRESS = "run.googleapis.com/ingress"
CHECK_DISABLED = "run.googleapis.com/invoker-iam-disabled"


@pytest.fixture
def opened_by_a_binding(deployed_google: FakeGoogle) -> FakeGoogle:
    """As earlier versions of Usher did."""
    bindings = deployed_google.state.policies[CREATE_USER]["bindings"]
    bindings.append({"role": "roles/run.invoker", "members": ["allUsers", "domain:example.com"]})
    return deployed_google


def test_up_opens_it_without_a_binding_and_without_a_revision(opened_by_a_binding: FakeGoogle, steps: Steps) -> None:
    state = opened_by_a_binding.state
    del state.services["create-user"]["metadata"]["annotations"][CHECK_DISABLED]
    revision = state.services["create-user"]["status"]["latestReadyRevisionName"]

    steps.run("Let everyone call create-user")
    for _ in range(2):
        steps.run("Remove the binding of allUsers")

    service = state.services["create-user"]
    assert service["metadata"]["annotations"][CHECK_DISABLED] == "True"
    assert service["status"]["latestReadyRevisionName"] == revision
    assert state.members(CREATE_USER, "roles/run.invoker") == {"domain:example.com"}
    assert len([call for call in opened_by_a_binding.journal if "setIamPolicy" in call.address]) == 1


@pytest.mark.usefixtures("steps")
def test_up_without_public_closes_what_was_open_to_everyone(opened_by_a_binding: FakeGoogle) -> None:
    state = opened_by_a_binding.state
    assert state.services["create-user"]["metadata"]["annotations"][CHECK_DISABLED] == "True"
    private = Steps(all_steps(replace(deployment(), public=False)))

    private.run("Let nobody without the role call create-user")
    private.run("Remove the binding of allUsers")

    assert state.services["create-user"]["metadata"]["annotations"][CHECK_DISABLED] == "False"
    assert state.members(CREATE_USER, "roles/run.invoker") == {"domain:example.com"}


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize(
    ("annotation", "still_closed"),
    [({INGRESS: "internal"}, True), ({INGRESS: "all"}, False), ({CHECK_DISABLED: "True"}, False)],
)
def test_subscriber_that_was_opened_by_hand_is_not_taken_for_unchanged(
    annotation: dict[str, str], *, still_closed: bool, deployed_google: FakeGoogle
) -> None:
    known = replace(deployment(), bundles={"send_email": "a bundle"})
    (deploying,) = [step for step in inner_steps(known, {}) if "deploy send-email" in step.sentence]
    (asked,) = [word for word in filled(deploying.check, {"SMTP_PASSWORD_VERSION": "1"}) if word.startswith("--filter")]
    service = deployed_google.state.services["send-email"]
    newest = asked.rpartition("~^")[2] + "a1b2c3"
    service["status"] |= {"latestCreatedRevisionName": newest, "latestReadyRevisionName": newest}
    service["metadata"]["annotations"] |= annotation

    found = run_gcloud(filled(deploying.check, {"SMTP_PASSWORD_VERSION": "1"}))

    assert bool(found) is still_closed
