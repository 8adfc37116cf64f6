"""Who may sign up: everyone with --public, otherwise those with roles/run.invoker."""

from dataclasses import replace

import pytest

from blueprint.topology import read_topology
from deploy.settings import Given, deployment_of
from tests.deploy.conftest import PROJECT, REGION
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.single_steps import SETTINGS, Steps, all_steps, deployment

pytestmark = pytest.mark.timeout(300)
CREATE_USER = f"projects/{PROJECT}/locations/{REGION}/services/create-user"


@pytest.mark.parametrize("public", [True, False])
def test_entrance_is_opened_to_everyone_only_when_told(*, public: bool) -> None:
    given = Given(project=PROJECT, region=REGION, public=public, settings=dict(SETTINGS))

    steps = all_steps(deployment_of(given, read_topology(), complete=True))

    opening = [step.command for step in steps if any("allUsers" in word for word in step.command)]
    closed = {step.command[3] for step in steps if "--no-allow-unauthenticated" in step.command}
    assert [command[1:5] for command in opening] == [
        ("run", "services", "add-iam-policy-binding", "create-user")
    ] * public
    assert ("create-user" in closed) is not public


@pytest.mark.usefixtures("steps")
def test_up_without_public_closes_what_was_open_to_everyone(deployed_google: FakeGoogle) -> None:
    assert deployed_google.state.members(CREATE_USER, "roles/run.invoker") == {"allUsers"}

    Steps(all_steps(replace(deployment(PROJECT, REGION), public=False))).run("deploy create-user")

    assert deployed_google.state.members(CREATE_USER, "roles/run.invoker") == set()
