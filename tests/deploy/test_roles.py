"""Each account may do what it has to, and no more."""

import copy

import pytest

from tests.deploy.conftest import Deployed
from tests.deploy.roles import missing_roles, needed_roles

pytestmark = pytest.mark.timeout(300)


def test_every_account_has_the_roles_that_it_uses(deployed: Deployed) -> None:
    assert missing_roles(deployed.state) == []


def test_a_missing_role_is_noticed(deployed: Deployed) -> None:
    for member, role, resource in needed_roles(deployed.state):
        state = copy.deepcopy(deployed.state)
        for binding in state.policies[resource]["bindings"]:
            if binding["role"] == role:
                binding["members"].remove(member)

        assert f"{member} lacks {role} on {resource}" in missing_roles(state)


def test_no_account_has_a_role_that_it_does_not_use(deployed: Deployed) -> None:
    granted = {
        (member, binding["role"], resource)
        for resource, policy in deployed.state.policies.items()
        for binding in policy["bindings"]
        for member in binding["members"]
    }

    surplus = granted - set(needed_roles(deployed.state))

    assert {(member.partition("@")[0], role) for member, role, _ in surplus} == {
        ("serviceAccount:usher-build", "roles/run.builder")
    }
