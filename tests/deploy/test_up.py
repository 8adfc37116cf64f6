"""What `up` makes of a bare project, though it is stopped once: by the journal and the state of the fake Google."""

import re
from collections import Counter

import pytest

from blueprint.topology import read_topology
from tests.deploy.conftest import Deploy, Deployed
from tests.deploy.fake_google.server import Call, FakeGoogle
from tests.gcloud_messages import SAID
from tests.unit.deploy.plans import PROJECT, SMTP_PASSWORD

pytestmark = pytest.mark.timeout(300)
INVOKER = f"usher-invoker@{PROJECT}.iam.gserviceaccount.com"

_NAMES = ("name", "accountId", "displayName", "secretId", "databaseId", "repositoryId", "schemaId")


def creations(journal: tuple[Call, ...]) -> Counter[str]:
    """How often each resource was created, without what each deployment uploads and builds again."""
    return Counter(
        f"{call.address} {_name(call)}"
        for call in journal
        if call.code == 200
        and call.method in {"POST", "PUT"}
        and ":" not in call.address
        and "upload" not in call.address
        and not (call.method == "PUT" and re.search(r"run\.googleapis\.com|/metrics/", call.address))  # an update
    )


def _name(call: Call) -> str:
    """A resource's name is in the query, in the body or in the body's metadata."""
    described = {**call.query, **call.body, **call.body.get("metadata", {})} if isinstance(call.body, dict) else {}
    return " ".join(str(described[key]) for key in _NAMES if key in described)


def test_up_that_is_refused_something_stops_with_command_message_and_advice(deployed: Deployed) -> None:
    stopped, refused = deployed.stopped, SAID["no permission"]

    assert stopped.returncode == 1
    assert stopped.stdout.splitlines()[-1].endswith("FAILED")
    assert "failed: gcloud pubsub topics create user.created" in stopped.stderr
    assert refused.text in stopped.stderr
    assert refused.advice in stopped.stderr
    assert "run the same command again" in stopped.stderr
    assert SMTP_PASSWORD not in stopped.stdout + stopped.stderr


def test_up_that_goes_on_creates_each_resource_once(deployed: Deployed) -> None:
    created = creations(deployed.journal)

    assert len(created) > 15
    assert set(created.values()) == {1}, created


def test_up_again_changes_nothing(deployed: Deployed, deployed_google: FakeGoogle, deploy: Deploy) -> None:
    done = deploy.up()

    assert done.returncode == 0, done.stdout + done.stderr
    assert deployed_google.unknown == []
    assert creations(tuple(deployed_google.journal)) == Counter()
    assert deployed_google.state == deployed.state


def test_pushes_carry_a_login_and_lose_nothing(deployed: Deployed) -> None:
    pushes = {name: one for name, one in deployed.state.subscriptions.items() if "pushConfig" in one}

    assert set(pushes) == {f.subscription for f in read_topology().subscribers().values() if not f.optional}
    push = pushes["send-email"]
    url = deployed.state.services["send-email"]["status"]["url"]
    assert push["pushConfig"] == {
        "pushEndpoint": f"{url}/projects/{PROJECT}/topics/user.created",
        "oidcToken": {"serviceAccountEmail": INVOKER, "audience": url},
    }
    assert push["deadLetterPolicy"] == {
        "deadLetterTopic": f"projects/{PROJECT}/topics/user.created.dead-letter",
        "maxDeliveryAttempts": 100,
    }
    assert push["retryPolicy"] == {"minimumBackoff": "10s", "maximumBackoff": "600s"}
    assert push["ackDeadlineSeconds"] == 60
    assert push["expirationPolicy"] == {}


def test_dead_letters_are_kept_31_days_where_nobody_is_pushed(deployed: Deployed) -> None:
    kept = deployed.state.subscriptions["user.created.dead-letter"]

    assert kept["messageRetentionDuration"] == f"{31 * 24 * 3600}s"
    assert kept["topic"].endswith("/user.created.dead-letter")
    assert kept["expirationPolicy"] == {}


def test_only_create_user_is_open_to_everyone(deployed: Deployed) -> None:
    annotations = {name: service["metadata"]["annotations"] for name, service in deployed.state.services.items()}

    opened = {name for name, one in annotations.items() if one.get("run.googleapis.com/invoker-iam-disabled") == "True"}
    internal = {name for name, one in annotations.items() if one.get("run.googleapis.com/ingress") == "internal"}

    assert opened == {"create-user"}
    assert internal == {"send-email", "relay-outbox", "audit"}
    assert not any("allUsers" in str(policy) for policy in deployed.state.policies.values())


def test_subscriptions_precede_create_user(deployed: Deployed) -> None:
    order = [
        f"{call.method} {call.address} {_name(call)}" for call in deployed.journal if call.method in {"POST", "PUT"}
    ]

    subscribed = next(
        n for n, call in enumerate(order) if call.startswith("PUT") and "subscriptions/send-email" in call
    )
    opened = next(n for n, call in enumerate(order) if call.endswith("/services create-user"))
    assert subscribed < opened


def test_relay_is_called_every_minute_with_a_login(deployed: Deployed) -> None:
    job = deployed.state.jobs["relay-outbox"]

    url = deployed.state.services["relay-outbox"]["status"]["url"]
    assert job["schedule"] == "*/1 * * * *"
    assert job["httpTarget"]["oidcToken"] == {"serviceAccountEmail": INVOKER, "audience": url}
    assert job["httpTarget"]["uri"] == f"{url}/"


def test_audit_is_called_every_hour_and_given_time_for_a_second_look(deployed: Deployed) -> None:
    job = deployed.state.jobs["audit"]

    assert (job["schedule"], job["attemptDeadline"]) == ("0 * * * *", "1200s")


def test_services_run_as_topology_says(deployed: Deployed) -> None:
    template = deployed.state.services["create-user"]["spec"]["template"]

    container = template["spec"]["containers"][0]
    plain = {variable["name"]: variable["value"] for variable in container["env"] if "value" in variable}
    assert container["resources"]["limits"] == {"cpu": "2", "memory": "512Mi"}
    assert template["spec"]["containerConcurrency"] == 64
    assert template["spec"]["timeoutSeconds"] == 60
    assert template["metadata"]["annotations"]["autoscaling.knative.dev/maxScale"] == "6"
    assert plain == {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "EVENT_TOPIC": "user.created",
        "CLEAR_OUTBOX": "before",
        "HASH_CPUS": "2",
        "MAX_INSTANCES": "6",
        "THREADS": "64",
    }
    assert deployed.state.services["create-user"]["metadata"]["labels"]["app"] == "usher"


def test_secrets_are_pinned_and_shown_nowhere(deployed: Deployed) -> None:
    pepper, password = deployed.state.versions["usher-password-peppers"], deployed.state.versions["usher-smtp-password"]

    references = [
        variable["valueFrom"]["secretKeyRef"]
        for service in deployed.state.services.values()
        for variable in service["spec"]["template"]["spec"]["containers"][0]["env"]
        if "valueFrom" in variable
    ]
    assert {reference["key"] for reference in references} == {"1"}
    assert password == [SMTP_PASSWORD.encode()]
    assert pepper[0].startswith(b"1:")
    assert len(pepper[0]) > 32
    assert SMTP_PASSWORD not in deployed.output
    assert pepper[0].decode() not in deployed.output


def test_fields_expire_and_stay_out_of_indexes(deployed: Deployed) -> None:
    fields = {"/".join(name.split("/")[-3::2]): one for name, one in deployed.state.fields.items()}

    expiring = {"deliveries", "malformed_events", "sign_up_requests", "tagged_sign_up_requests"}
    assert {name for name, one in fields.items() if "ttlConfig" in one} == {f"{name}/expires_at" for name in expiring}
    assert {name for name, one in fields.items() if one.get("indexConfig") == {}} == {
        "outbox/occurred_at",
        "deliveries/lease_expires_at",
        "malformed_events/received_at",
        "sign_up_requests/last_mail_at",
        "tagged_sign_up_requests/last_mail_at",
        *(f"{name}/expires_at" for name in expiring),
    }


def test_every_step_says_that_it_was_done_and_what_comes_next(deployed: Deployed) -> None:
    lines = deployed.output.splitlines()

    steps = [line for line in lines if line.startswith("[")]
    assert steps[0].startswith("[1/")
    assert all(line.endswith("s)") for line in steps)
    assert any(line.strip().startswith("curl -i https://create-user") for line in lines)
    assert any("deploy status" in line for line in lines)
