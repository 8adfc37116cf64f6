"""What `down` takes away, and what `status` says before."""

import json

import pytest

from tests.deploy.conftest import Deploy
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.single_steps import Steps

pytestmark = pytest.mark.timeout(300)


def test_status_reads_revisions_and_what_waits(deployed_google: FakeGoogle, deploy: Deploy) -> None:
    deployed_google.state.undelivered["send-email"] = 7
    deployed_google.state.outbox += ["2026-11-24T10:00:01Z", "2026-11-24T10:00:00.123456Z"]
    deployed_google.state.subscriptions["send-email"]["topic"] = "_deleted-topic_"

    done = deploy("status", "--format=json")

    data = json.loads(done.stdout)
    (fault,) = data["faults"]
    assert done.returncode == 3
    assert fault.startswith("The subscription send-email is on a topic that was deleted, not on user.created")
    assert data["waiting"]["outbox"] == 2
    assert data["waiting"]["oldest_in_outbox"] == "2026-11-24T10:00:00.123456+00:00"
    assert data["waiting"]["subscriptions"] == dict.fromkeys(deployed_google.state.subscriptions, 0) | {"send-email": 7}
    newest = deployed_google.state.services["send-email"]["status"]["latestReadyRevisionName"]
    assert {one["name"]: one["traffic"] for one in data["services"]}["send-email"] == {newest: 100}
    assert deployed_google.unknown == []


def test_down_takes_away_all_but_data_and_secrets_and_these_when_told(
    deployed_google: FakeGoogle, deploy: Deploy, steps: Steps
) -> None:
    done = deploy("down", "--yes")

    state = deployed_google.state
    assert done.returncode == 0, done.stdout + done.stderr
    assert deployed_google.unknown == []
    assert (state.services, state.subscriptions, state.topics, state.jobs) == ({}, {}, {}, {})
    assert [email for email in state.accounts if email.startswith("usher-")] == []
    assert not any("usher-" in str(policy) for policy in state.policies.values())
    assert state.databases["(default)"]["deleteProtectionState"] == "DELETE_PROTECTION_ENABLED"
    assert set(state.backup_schedules) == {"daily"}
    assert set(state.versions) == {"usher-password-peppers", "usher-smtp-password"}

    steps.take_away([step for step in steps.all if step.holds_data])

    assert (state.databases, state.backup_schedules, state.secrets) == ({}, {}, {})
