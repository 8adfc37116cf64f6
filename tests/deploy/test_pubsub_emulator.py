"""The Pub/Sub part of the deployment, from the real gcloud to Google's own emulator."""

import msgspec
import pytest
from google.pubsub_v1 import SubscriberClient

from blueprint.gcloud import run_gcloud
from blueprint.topology import Topology, read_topology
from deploy.deployment import Deployment
from deploy.steps.events import subscription_step, topic_steps
from deploy.walk import Walk

pytestmark = pytest.mark.timeout(300)
_URL = "https://send-email.example"


def a_week() -> Topology:
    """The topology with the longest retention that the emulator takes."""
    topology = read_topology()
    return msgspec.structs.replace(
        topology,
        events=msgspec.structs.replace(topology.events, dead_letter_retention_days=7),
        push=msgspec.structs.replace(topology.push, retention_days=7),
    )


def test_emulator_takes_the_topics_and_subscriptions_twice(
    gcloud_environment: dict[str, str], pubsub_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in gcloud_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB", f"http://{pubsub_host}/")
    for name in ("TYPE", "ADDRESS", "PORT"):
        monkeypatch.delenv(f"CLOUDSDK_PROXY_{name}")
    deployment = Deployment(a_week(), "deployed-here", "europe-west1", {})
    function = deployment.topology.functions["send_email"]
    steps = [*topic_steps(deployment), subscription_step(deployment, "send_email", function)]

    for _ in range(2):
        Walk(run_gcloud, lambda _text: None, variables={"SEND_EMAIL_URL": _URL}).up(steps)

    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub_host)
    with SubscriberClient() as client:
        found = client.get_subscription(subscription="projects/deployed-here/subscriptions/send-email")
    assert found.push_config.push_endpoint == f"{_URL}/projects/deployed-here/topics/user.created"
    assert found.dead_letter_policy.max_delivery_attempts == 100
    assert found.retry_policy.minimum_backoff.seconds == 10
    assert found.ack_deadline_seconds == 60
