"""Sizes, timeouts, retries and retention are topology.toml's, for each function and each subscription."""

from collections.abc import Mapping
from typing import Any

import pytest

from blueprint.topology import Function, read_topology
from deploy.deployment import service
from tests.deploy.conftest import Deployed
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.fake_google.state import Json, State

pytestmark = pytest.mark.timeout(300)
TOPOLOGY = read_topology()
PUSHED = {
    "ackDeadlineSeconds": TOPOLOGY.push.ack_deadline_seconds,
    "messageRetentionDuration": f"{TOPOLOGY.push.retention_days * 24 * 3600}s",
    "retryPolicy": {
        "minimumBackoff": f"{TOPOLOGY.push.minimum_backoff_seconds}s",
        "maximumBackoff": f"{TOPOLOGY.push.maximum_backoff_seconds}s",
    },
    "maxDeliveryAttempts": TOPOLOGY.push.max_delivery_attempts,
    "expirationPolicy": {},
}


def test_all_that_the_first_up_deploys_is_as_topology_says(deployed: Deployed) -> None:
    assert_is_as_topology_says(deployed.state, {name: f for name, f in TOPOLOGY.functions.items() if not f.optional})


@pytest.mark.exhaustive
def test_optional_functions_are_as_topology_says(texting_google: FakeGoogle) -> None:
    assert_is_as_topology_says(texting_google.state, TOPOLOGY.functions)


def assert_is_as_topology_says(state: State, functions: Mapping[str, Function]) -> None:
    pushed = {f.subscription: PUSHED for f in functions.values() if f.subscription}

    assert {name: running(one) for name, one in state.services.items()} == {
        service(name): wanted(function) for name, function in functions.items()
    }
    assert {name: subscribed(one) for name, one in state.subscriptions.items() if "pushConfig" in one} == pushed


def wanted(function: Function) -> dict[str, Any]:
    return {
        "cpu": str(function.cpu),
        "memory": function.memory,
        "timeout": function.timeout_seconds,
        "concurrency": function.concurrency,
        "THREADS": str(function.concurrency),
        "LEASE_SECONDS": str(TOPOLOGY.push.lease_seconds) if "LEASE_SECONDS" in function.settings else None,
        "HASH_CPUS": str(function.cpu) if "HASH_CPUS" in function.settings else None,
        "MAX_INSTANCES": str(function.max_instances) if "MAX_INSTANCES" in function.settings else None,
        "CLEAR_OUTBOX": TOPOLOGY.places.cloud["CLEAR_OUTBOX"] if "CLEAR_OUTBOX" in function.settings else None,
        "minScale": function.min_instances,
        "maxScale": function.max_instances,
    }


def running(service: Json) -> dict[str, Any]:
    template = service["spec"]["template"]
    container, scale = template["spec"]["containers"][0], template["metadata"]["annotations"]
    environment = {variable["name"]: variable.get("value") for variable in container["env"]}
    return {
        **container["resources"]["limits"],
        "timeout": template["spec"]["timeoutSeconds"],
        "concurrency": template["spec"]["containerConcurrency"],
        "THREADS": environment["THREADS"],
        **{name: environment.get(name) for name in ("LEASE_SECONDS", "HASH_CPUS", "MAX_INSTANCES", "CLEAR_OUTBOX")},
        "minScale": int(scale.get("autoscaling.knative.dev/minScale", 0)),
        "maxScale": int(scale["autoscaling.knative.dev/maxScale"]),
    }


def subscribed(subscription: Json) -> Json:
    settings = {**subscription, **subscription["deadLetterPolicy"]}
    return {name: settings[name] for name in PUSHED}
