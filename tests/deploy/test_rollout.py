"""A second version in stages, refused and put back, by the real gcloud: single steps, and the verb `rollback`."""

from dataclasses import replace

import pytest

from blueprint.gcloud import run_gcloud
from deploy.steps import inner_steps, outer_steps
from deploy.trial import RevisionRefusedError, Trial
from tests.deploy.conftest import Deploy, Deployed
from tests.deploy.fake_google.routing import ApiError
from tests.deploy.fake_google.server import FakeGoogle, Fault
from tests.deploy.fake_google.state import State
from tests.deploy.single_steps import carry_out
from tests.unit.deploy.plans import deployment

pytestmark = pytest.mark.timeout(300)
CHANGED = replace(deployment(), bundles={"create_user": "another", "send_email": "another"})
CANARY = replace(CHANGED, canary_email="ops@example.com")


def serving(state: State) -> dict[str, dict[str, int]]:
    return {
        name: {target["revisionName"]: target["percent"] for target in one["status"]["traffic"] if "percent" in target}
        for name, one in state.services.items()
    }


@pytest.mark.usefixtures("steps")
def test_refused_revision_gets_no_traffic_and_all_is_put_back(
    deployed: Deployed, deployed_google: FakeGoogle, deploy: Deploy
) -> None:
    old = serving(deployed.state)
    building = [step for step in inner_steps(CHANGED, {}) if "deploy send-email" in step.sentence]
    staged = outer_steps(CHANGED, Trial(CANARY, "create_user", run_gcloud).step())
    canary_refused = Fault("POST", "canary---create-user", ApiError(500, "INTERNAL", "Internal error"))
    deployed_google.faults.append(canary_refused)

    with pytest.raises(RevisionRefusedError, match="the canary's sign-up got 500"):
        carry_out([*building, *(step for step in staged if step.act or "takes minutes" in step.sentence)])

    now = serving(deployed_google.state)
    assert {name for name in now if now[name] != old[name]} == {"send-email"}

    back = deploy("rollback")

    assert back.returncode == 0, back.stdout + back.stderr
    assert serving(deployed_google.state) == old

    again = outer_steps(CHANGED, Trial(CHANGED, "create_user", run_gcloud).step())
    carry_out([step for step in again if "newest revision of create-user" in step.sentence])

    create_user = deployed_google.state.services["create-user"]["status"]
    assert [(one["revisionName"], one["percent"]) for one in create_user["traffic"]] == [
        (create_user["latestCreatedRevisionName"], 100)
    ]
    assert deployed_google.unknown == []
