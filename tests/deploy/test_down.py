"""What `down` takes away, and when it refuses."""

import json
from pathlib import Path

import pytest

from tests.deploy.commands import gcloud_commands, lint_faults
from tests.deploy.conftest import PROJECT, REGION, Deploy, Deployed
from tests.deploy.fake_google.server import FakeGoogle

pytestmark = pytest.mark.timeout(300)
EARLIER, LATER = "2026-11-24T10:00:00.123456Z", "2026-11-24T10:00:01Z"


def test_down_refuses_while_events_wait_but_closes_the_entrance(
    deployed: Deployed, deployed_google: FakeGoogle, deploy: Deploy
) -> None:
    deployed_google.state.waiting["user.created.dead-letter"] = 3

    done = deploy("down", "--yes")

    assert done.returncode == 3
    assert "dead letters (user.created.dead-letter): 3" in done.stdout
    assert set(deployed_google.state.services) == set(deployed.state.services) - {"create-user"}
    assert deployed_google.state.subscriptions == deployed.state.subscriptions


def test_down_counts_an_event_that_leaves_the_outbox_after_monitoring_has_counted(
    deployed_google: FakeGoogle, deploy: Deploy
) -> None:
    deployed_google.state.outbox.append(EARLIER)
    deployed_google.state.relays_after_count = True

    done = deploy("down", "--yes")

    assert done.returncode == 3, done.stdout
    assert "outbox: 1" in done.stdout
    assert "send-email" in deployed_google.state.subscriptions


def test_down_waits_for_counts_from_after_the_outbox_was_empty(deployed_google: FakeGoogle, deploy: Deploy) -> None:
    deployed_google.state.waiting["send-email"] = 1
    deployed_google.state.old_counts.append(dict.fromkeys(deployed_google.state.waiting, 0))

    done = deploy("down", "--yes")

    assert done.returncode == 3, done.stdout
    assert "send-email: 1" in done.stdout


def test_down_takes_away_all_but_data_and_secrets(deployed_google: FakeGoogle, deploy: Deploy) -> None:
    done = deploy("down", "--yes")

    state = deployed_google.state
    assert done.returncode == 0, done.stdout + done.stderr
    assert deployed_google.unknown == []
    assert (state.services, state.subscriptions, state.topics, state.jobs) == ({}, {}, {}, {})
    assert [email for email in state.accounts if email.startswith("usher-")] == []
    assert not any("usher-" in str(policy) for policy in state.policies.values())
    assert set(state.databases) == {"(default)"}
    assert set(state.versions) == {"usher-password-peppers", "usher-smtp-password"}


@pytest.mark.exhaustive
def test_down_is_repeatable_and_drops_data_when_told(deployed_google: FakeGoogle, deploy: Deploy) -> None:
    first = deploy("down", "--yes")

    done = deploy("down", "--yes", "--drop-data", "--drop-events")

    assert (first.returncode, done.returncode) == (0, 0), done.stdout + done.stderr
    assert deployed_google.state.databases == {}
    assert deployed_google.state.secrets == {}


@pytest.mark.exhaustive
def test_events_are_dropped_only_when_told(deployed_google: FakeGoogle, deploy: Deploy) -> None:
    deployed_google.state.outbox.append(EARLIER)
    refused = deploy("down", "--yes")

    done = deploy("down", "--yes", "--drop-events")

    assert refused.returncode == 3
    assert "outbox: 1" in refused.stdout
    assert done.returncode == 0


def test_down_asks_and_without_a_terminal_wants_yes(deployed_google: FakeGoogle, deploy: Deploy) -> None:
    done = deploy("down")

    assert done.returncode == 3
    assert "--yes" in done.stdout
    assert deployed_google.journal == []


def test_status_shows_revisions_and_what_waits(deployed_google: FakeGoogle, deploy: Deploy) -> None:
    deployed_google.state.waiting["send-email"] = 7
    deployed_google.state.outbox += [LATER, EARLIER]

    text, data = deploy("status").stdout, json.loads(deploy("status", "--format=json").stdout)

    assert "create-user: 100 % create-user-00001-fake (https://create-user-fake-ew.a.run.app)" in text
    assert "send-email: 7" in text
    assert "outbox: 2, the oldest of 2026-11-24 10:00:00 UTC" in text
    assert data["waiting"]["outbox"] == 2
    assert data["waiting"]["oldest_in_outbox"] == "2026-11-24T10:00:00.123456+00:00"
    assert data["waiting"]["subscriptions"] == dict.fromkeys(deployed_google.state.subscriptions, 0) | {"send-email": 7}
    assert {one["name"]: one["traffic"] for one in data["services"]}["send-email"] == {"send-email-00001-fake": 100}
    assert deployed_google.unknown == []


def test_status_says_how_the_newest_revision_gets_its_traffic(
    deployed_google: FakeGoogle, deploy: Deploy, gcloud: str, gcloud_environment: dict[str, str], tmp_path: Path
) -> None:
    deployed_google.state.services["create-user"]["status"]["latestReadyRevisionName"] = "create-user-00002-fake"

    text = deploy("status").stdout

    [command] = gcloud_commands(text)
    assert (
        command == f"gcloud run services update-traffic create-user --region={REGION} --to-latest --project={PROJECT}"
    )
    assert lint_faults(gcloud, [command], tmp_path, gcloud_environment) == []


def test_count_that_is_not_known_is_not_taken_for_none(deployed_google: FakeGoogle, deploy: Deploy) -> None:
    deployed_google.state.waiting.clear()

    assert "send-email: not yet known" in deploy("status").stdout
