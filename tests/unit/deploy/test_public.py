"""Who may sign up: everyone with --public, otherwise those with roles/run.invoker."""

from dataclasses import replace

import pytest

from tests.unit.deploy.plans import all_steps, deployment


@pytest.mark.parametrize("public", [True, False])
def test_entrance_is_opened_to_everyone_only_when_told(*, public: bool) -> None:
    steps = all_steps(replace(deployment(), public=public))

    opening = [step.command for step in steps if any("allUsers" in word for word in step.command)]
    closed = {step.command[3] for step in steps if "--no-allow-unauthenticated" in step.command}
    assert [command[1:5] for command in opening] == [
        ("run", "services", "add-iam-policy-binding", "create-user")
    ] * public
    assert ("create-user" in closed) is not public
