"""`up` builds what differs from what runs, and nothing else."""

from dataclasses import replace

import pytest

from deploy.deployment import Deployment
from tests.unit.deploy.fake_cloud_run import FakeCloudRun
from tests.unit.deploy.fake_usher import FakeUsher
from tests.unit.deploy.versions import NAMES, newest, up, version

pytestmark = pytest.mark.usefixtures("clock")


def test_what_has_not_changed_is_not_built_again(cloud: FakeCloudRun, usher: FakeUsher) -> None:
    up(cloud, version(1))
    before, labels = cloud.serving(), dict(cloud.labels)

    up(cloud, version(1), usher)

    assert (cloud.serving(), cloud.labels) == (before, labels)
    assert cloud.called("run", "deploy") == cloud.called("run", "services", "update-traffic") == []
    assert cloud.called("pubsub", "topics", "update") == []
    assert usher.requests == []


@pytest.mark.parametrize(
    "of",
    [
        replace(version(1), settings={**version(1).settings, "BCRYPT_ROUNDS": "13"}),
        version(2, changed=("create-user",)),
    ],
    ids=["a setting", "its bundle"],
)
def test_only_what_has_changed_is_built_again(cloud: FakeCloudRun, of: Deployment) -> None:
    up(cloud, version(1))

    up(cloud, of, at_once=True)

    assert cloud.called("run", "deploy") == ["create-user"]
    assert cloud.serving() == newest(cloud)


def test_another_version_of_a_secret_counts_as_a_change(cloud: FakeCloudRun) -> None:
    up(cloud, version(1))
    cloud.secret_version = "2"

    up(cloud, version(1))

    assert cloud.called("run", "deploy") == ["send-email", "create-user"]


def test_revision_that_somebody_made_by_hand_counts_as_a_change(cloud: FakeCloudRun) -> None:
    up(cloud, version(1))
    cloud.services["audit"].revisions.append("audit-00007-xyz")

    up(cloud, version(1))

    assert cloud.called("run", "deploy") == ["audit"]


def test_subscriber_that_somebody_has_opened_is_closed_again(cloud: FakeCloudRun) -> None:
    """Its ingress makes no revision: the newest is still the one that was deployed."""
    up(cloud, version(1))
    cloud.services["send-email"].ingress = "all"

    up(cloud, version(1))

    assert cloud.called("run", "deploy") == ["send-email"]
    assert cloud.services["send-email"].ingress == "internal"


def test_rebuild_builds_everything(cloud: FakeCloudRun) -> None:
    up(cloud, version(1))

    up(cloud, replace(version(1), rebuild=True))

    assert sorted(cloud.called("run", "deploy")) == sorted(NAMES)
    assert cloud.serving() == newest(cloud)
