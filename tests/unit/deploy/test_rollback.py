"""`rollback` puts back, together, what an `up` replaced, whole or not."""

import re
from copy import deepcopy

import pytest

from blueprint.gcloud import GcloudError
from deploy.trial import RevisionRefusedError
from tests.unit.deploy.fake_cloud_run import FakeCloudRun
from tests.unit.deploy.fake_usher import FakeUsher
from tests.unit.deploy.versions import newest, put_back, refuse, up, version

pytestmark = pytest.mark.usefixtures("clock")


def test_rollback_puts_back_all_that_the_last_up_replaced_create_user_first(
    cloud: FakeCloudRun, capsys: pytest.CaptureFixture[str]
) -> None:
    up(cloud, version(1))
    old = cloud.serving()
    up(cloud, version(2))

    assert put_back(cloud) == 0

    assert cloud.serving() == old
    assert cloud.called("run", "services", "update-traffic") == ["create-user", "send-email"]
    assert "The previous revisions are back." in capsys.readouterr().out

    assert put_back(cloud) == 0

    assert cloud.serving() == old
    assert cloud.called("run", "services", "update-traffic") == []


def test_rollback_after_a_refused_revision_puts_the_others_back(cloud: FakeCloudRun, usher: FakeUsher) -> None:
    up(cloud, version(1))
    old = cloud.serving()
    with pytest.raises(RevisionRefusedError):
        up(cloud, version(2), refuse(usher))

    for _ in range(2):
        put_back(cloud)

        assert cloud.serving() == old
    assert cloud.services["create-user"].tags == {}


def test_rollback_that_was_stopped_at_any_command_goes_on(cloud: FakeCloudRun) -> None:
    up(cloud, version(1))
    old = cloud.serving()
    up(cloud, version(2))
    undisturbed = deepcopy(cloud)
    put_back(undisturbed)

    for place in range(len(undisturbed.journal)):
        stopped = deepcopy(cloud)
        stopped.faults = {place: "PERMISSION_DENIED"}
        with pytest.raises(GcloudError):
            put_back(stopped)
        put_back(stopped)

        assert stopped.serving() == old
        assert stopped.labels == undisturbed.labels


def test_rollback_ends_what_a_person_began_to_put_back(cloud: FakeCloudRun) -> None:
    up(cloud, version(1))
    old = cloud.serving()
    up(cloud, version(2))
    cloud.services["create-user"].targets = {
        next(iter(old["create-user"])): 90,
        cloud.services["create-user"].revisions[-1]: 10,
    }

    put_back(cloud)

    assert cloud.serving() == old


def test_up_after_a_rollback_gives_the_newest_traffic_again(cloud: FakeCloudRun) -> None:
    up(cloud, version(1))
    old = cloud.serving()
    up(cloud, version(2))
    put_back(cloud)

    up(cloud, version(2))

    assert cloud.called("run", "deploy") == []
    assert cloud.serving() == newest(cloud)

    put_back(cloud)

    assert cloud.serving() == old


def test_rollback_skips_what_an_up_in_between_was_stopped_at(cloud: FakeCloudRun, usher: FakeUsher) -> None:
    """What never was whole is nothing to go back to, and neither is what was rolled back."""
    up(cloud, version(1))
    old = cloud.serving()
    up(cloud, version(2))
    put_back(cloud)
    with pytest.raises(RevisionRefusedError):
        up(cloud, version(3), refuse(usher))
    put_back(cloud)
    assert cloud.serving() == old

    up(cloud, version(4))
    assert cloud.serving() == newest(cloud)
    put_back(cloud)

    assert cloud.serving() == old


def test_without_anything_replaced_there_is_nothing_to_put_back(
    cloud: FakeCloudRun, capsys: pytest.CaptureFixture[str]
) -> None:
    up(cloud, version(1))
    serving = cloud.serving()

    assert put_back(cloud) == 1

    assert "no `up` has replaced a revision here" in capsys.readouterr().out
    assert cloud.serving() == serving


def test_rollback_in_a_region_without_usher_says_so_and_keeps_the_history(
    cloud: FakeCloudRun, capsys: pytest.CaptureFixture[str]
) -> None:
    """The labels belong to the topic, which has no region."""
    up(cloud, version(1))
    up(cloud, version(2))
    elsewhere = FakeCloudRun(labels=dict(cloud.labels))

    assert put_back(elsewhere) == 1

    assert "no service of Usher runs in europe-west1" in capsys.readouterr().out
    assert elsewhere.labels == cloud.labels


def test_rollback_puts_back_what_a_version_without_history_had_deployed(cloud: FakeCloudRun, usher: FakeUsher) -> None:
    up(cloud, version(1))
    old = cloud.serving()
    cloud.labels.clear()
    with pytest.raises(RevisionRefusedError):
        up(cloud, version(2), refuse(usher))

    put_back(cloud)

    assert cloud.serving() == old


def test_up_after_a_fault_at_any_command_of_the_rollout_ends_where_an_undisturbed_one_does(cloud: FakeCloudRun) -> None:
    """And rolls back to where that does. Faults at the other commands: test_walk.py."""
    second = version(2)
    up(cloud, version(1))
    old, undisturbed = cloud.serving(), deepcopy(cloud)
    up(undisturbed, second)

    for place, command in enumerate(undisturbed.journal):
        if command[1] not in {"run", "auth"} and command[1:3] != ("pubsub", "topics"):
            continue
        disturbed = deepcopy(cloud)
        disturbed.faults = {place: "RESOURCE_EXHAUSTED: Quota exceeded"}
        with pytest.raises(GcloudError):
            up(disturbed, second)
        up(disturbed, second)

        assert disturbed.serving() == newest(disturbed)
        assert built(disturbed) == built(undisturbed)
        put_back(disturbed)
        assert disturbed.serving() == old


def built(cloud: FakeCloudRun) -> list[str]:
    """The revisions that were made, without what tells two tries of one apart."""
    return [re.sub(r"-\w+$", "", name) for one in cloud.services.values() for name in one.revisions]
