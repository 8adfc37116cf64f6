"""A new create_user gets traffic only after it was tried out; `rollback` puts back all that an `up` replaced."""

from dataclasses import replace

import httpx
import pytest

from deploy.deployment import Deployment
from deploy.trial import RevisionRefusedError
from tests.unit.deploy.fake_cloud_run import FakeCloudRun
from tests.unit.deploy.fake_usher import FakeUsher
from tests.unit.deploy.plans import PROJECT, REGION
from tests.unit.deploy.versions import NAMES, newest, refuse, up, version

pytestmark = pytest.mark.usefixtures("clock")


def test_first_up_deploys_with_traffic_and_tries_nothing_out(cloud: FakeCloudRun, usher: FakeUsher) -> None:
    up(cloud, version(1), usher)

    assert cloud.serving() == newest(cloud)
    assert set(cloud.services) == set(NAMES)
    assert usher.requests == []


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


def test_rebuild_builds_everything(cloud: FakeCloudRun) -> None:
    up(cloud, version(1))

    up(cloud, replace(version(1), rebuild=True))

    assert sorted(cloud.called("run", "deploy")) == sorted(NAMES)
    assert cloud.serving() == newest(cloud)


def test_others_take_traffic_before_create_user_is_tried_out_at_its_tag(cloud: FakeCloudRun, usher: FakeUsher) -> None:
    up(cloud, version(1))

    up(cloud, version(2), usher)

    assert cloud.called("run", "deploy") == ["send-email", "create-user"]
    assert cloud.serving() == newest(cloud)
    assert {request.url.host for request in usher.requests} == {
        "canary---create-user.example",
        "firestore.googleapis.com",
    }
    assert [path for path in usher.documents if not path.startswith("deliveries/")] == []
    assert cloud.services["create-user"].tags == {}


def test_refused_revision_gets_no_traffic_and_the_text_says_what_can_be_done(
    cloud: FakeCloudRun, usher: FakeUsher
) -> None:
    up(cloud, version(1))
    old = cloud.serving()

    with pytest.raises(RevisionRefusedError) as refused:
        up(cloud, version(2), refuse(usher))

    revision = cloud.services["create-user"].revisions[-1]
    logs = "gcloud logging read 'resource.type=cloud_run_revision AND severity>=WARNING'"
    assert cloud.serving() == {**newest(cloud), "create-user": old["create-user"]}
    assert (
        str(refused.value).replace(" \\\n        ", " ")
        == f"""\
The new revision {revision} was tried out and refused: the canary's sign-up got 500 internal.
It gets no traffic: create-user is as it was. The other functions are new; they read old events and new ones.
Look at the logs:      {logs} --freshness=1h --limit=50 --project={PROJECT}
Once it is corrected:  run the same command again (with --at-once, nothing is tried out)
To roll back:          python -m deploy rollback --project {PROJECT} --region {REGION}"""
    )


def test_refused_revision_is_tried_out_again_without_being_built_again(cloud: FakeCloudRun, usher: FakeUsher) -> None:
    up(cloud, version(1))
    with pytest.raises(RevisionRefusedError):
        up(cloud, version(2), refuse(usher))

    up(cloud, version(2))

    assert cloud.called("run", "deploy") == []
    assert cloud.serving() == newest(cloud)


def test_without_a_canarys_address_the_revision_has_to_answer_at_least(cloud: FakeCloudRun, usher: FakeUsher) -> None:
    up(cloud, version(1))
    usher.page = lambda _request: httpx.Response(503, text="<html>Google's page</html>")

    with pytest.raises(RevisionRefusedError, match="its address got 503, not from create_user itself"):
        up(cloud, replace(version(2), canary_email=None), usher)
    up(cloud, replace(version(2), canary_email=None))

    assert {request.method for request in usher.requests} == {"GET"}
    assert cloud.serving() == newest(cloud)


def test_at_once_tries_nothing_out(cloud: FakeCloudRun, usher: FakeUsher) -> None:
    up(cloud, version(1))

    up(cloud, version(2), usher, at_once=True)

    assert usher.requests == []
    assert cloud.serving() == newest(cloud)


def test_each_try_of_a_deployment_has_a_name_of_its_own(cloud: FakeCloudRun) -> None:
    """A name is taken even if its revision did not start: an account that is not known yet, say."""
    up(cloud, version(1))
    place = [command[1:3] for command in cloud.journal].index(("run", "deploy"))
    again = FakeCloudRun(faults={place: "Permission denied on secret", place + 1: "Permission denied on secret"})

    up(again, version(1))

    tried = [command for command in again.journal if command[1:4] == ("run", "deploy", "send-email")]
    assert len(set(tried)) == 3
