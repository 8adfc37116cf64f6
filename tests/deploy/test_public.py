"""What `up` without --public does to a create_user that was open to everyone."""

from dataclasses import replace

import pytest

from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.single_steps import Steps
from tests.unit.deploy.plans import PROJECT, REGION, all_steps, deployment

pytestmark = pytest.mark.timeout(300)
CREATE_USER = f"projects/{PROJECT}/locations/{REGION}/services/create-user"


@pytest.mark.usefixtures("steps")
def test_up_without_public_closes_what_was_open_to_everyone(deployed_google: FakeGoogle) -> None:
    assert deployed_google.state.members(CREATE_USER, "roles/run.invoker") == {"allUsers"}

    Steps(all_steps(replace(deployment(), public=False))).run("deploy create-user")

    assert deployed_google.state.members(CREATE_USER, "roles/run.invoker") == set()
