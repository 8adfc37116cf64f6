"""A new create_user gets traffic only after it was tried out; `rollback` puts back all that an `up` replaced."""

from dataclasses import replace

import httpx
import pytest

from deploy.trial import RevisionRefusedError
from tests.unit.deploy.conftest import Clock
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


def test_canary_is_deleted_before_an_interrupted_up_ends(
    cloud: FakeCloudRun,
    usher: FakeUsher,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    up(cloud, version(1))
    usher.deliveries = {}
    monkeypatch.setattr(clock, "sleep", interrupt)

    with pytest.raises(KeyboardInterrupt):
        up(cloud, version(2), usher)

    assert len(usher.deletes) == 2
    assert usher.documents == {}
    assert capsys.readouterr().err == "\nDeleting the canary first ...\n"


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


def test_behind_a_load_balancer_alone_nothing_can_be_tried_out_and_that_is_said(
    cloud: FakeCloudRun, usher: FakeUsher, capsys: pytest.CaptureFixture[str]
) -> None:
    """As docs/limit-clients.md closes the way around it: Google answers 404 to us, at the tag, too."""
    up(cloud, version(1))
    cloud.services["create-user"].ingress = "internal-and-cloud-load-balancing"
    usher.page = lambda _request: None

    up(cloud, version(2), usher)

    assert usher.requests == []
    assert cloud.serving() == newest(cloud)
    assert cloud.services["create-user"].ingress == "internal-and-cloud-load-balancing"
    assert "Note: create_user's ingress lets in nobody" in capsys.readouterr().out


def test_each_try_of_a_deployment_has_a_name_of_its_own(cloud: FakeCloudRun) -> None:
    """A name is taken even if its revision did not start: an account that is not known yet, say."""
    up(cloud, version(1))
    place = [command[1:3] for command in cloud.journal].index(("run", "deploy"))
    again = FakeCloudRun(faults={place: "Permission denied on secret", place + 1: "Permission denied on secret"})

    up(again, version(1))

    tried = [command for command in again.journal if command[1:4] == ("run", "deploy", "send-email")]
    assert len(set(tried)) == 3
