"""The sum of the plan against Cloud Run's quota: found before anything changes, and the defaults fit a new project."""

from dataclasses import replace

import httpx
import pytest
from msgspec import structs

from blueprint.topology import read_topology
from deploy.deployment import Deployment
from deploy.preflight.quota import NEW_PROJECT, needs
from tests.unit.deploy.fake_answers import FakeAnswers, found
from tests.unit.deploy.plans import PROJECT, SMS, deployment

CONSOLE = "https://console.cloud.google.com"


def with_instances(count: int, memory: str = "512Mi") -> Deployment:
    topology = read_topology()
    create_user = structs.replace(topology.functions["create_user"], max_instances=count, memory=memory)
    changed = structs.replace(topology, functions={**topology.functions, "create_user": create_user})
    return replace(deployment(), topology=changed)


def test_defaults_fit_a_new_project_with_every_function_at_its_most_instances() -> None:
    everything = deployment(**SMS)

    assert needs(everything, "cpu_allocation") == 17_000
    assert needs(everything, "cpu_allocation") + 3_000 <= NEW_PROJECT["cpu_allocation"]
    assert needs(everything, "mem_allocation") <= NEW_PROJECT["mem_allocation"] / 4


@pytest.mark.parametrize(
    ("plan", "quota", "said"),
    [
        (with_instances(8), "20000", []),
        (with_instances(9), "22000", []),
        (with_instances(60), "-1", []),
        (
            with_instances(60),
            "20000",
            [
                (
                    "All functions at their max_instances need 124 vCPU of Cloud Run; the quota in europe-west1 is 20."
                    " In topology.toml, set max_instances = 8 for create_user, or request more:"
                    f" {CONSOLE}/iam-admin/quotas?project={PROJECT}"
                )
            ],
        ),
        (
            with_instances(6),
            "5000",
            [
                (
                    "All functions at their max_instances need 16 vCPU of Cloud Run; the quota in europe-west1 is 5."
                    f" Request more: {CONSOLE}/iam-admin/quotas?project={PROJECT}"
                )
            ],
        ),
        (
            with_instances(8, memory="8Gi"),
            "20000",
            [
                (
                    "All functions at their max_instances need 65.25 GiB of Cloud Run; the quota in europe-west1 is 40."
                    " In topology.toml, set max_instances = 4 for create_user, or request more:"
                    f" {CONSOLE}/iam-admin/quotas?project={PROJECT}"
                )
            ],
        ),
    ],
)
def test_sum_of_all_instances_has_to_fit_the_quota_of_the_region(
    google: FakeAnswers, plan: Deployment, quota: str, said: list[str]
) -> None:
    google.state.milli_cpus = quota

    assert found(google, plan) == said


def test_quota_that_cannot_be_read_is_assumed_and_said_to_be(google: FakeAnswers) -> None:
    google.refused["serviceusage.googleapis.com"] = httpx.Response(
        403, json={"error": {"message": "Permission denied"}}
    )

    fault, *notes = found(google, with_instances(9))

    assert "need 22 vCPU" in fault
    assert "is 20 (assumed: reading it takes serviceusage.quotas.get)" in fault
    assert notes == [
        "Note: The quota of Cloud Run in europe-west1 could not be read: taken as a new project's, 20 vCPU",
        (
            "Note: Google did not say what the quota of Cloud Run is: serviceusage.googleapis.com said 403:"
            " Permission denied"
        ),
    ]
