"""`up --check` with the real gcloud: nothing stands in the way of a bare project, and all of it is said of another."""

import pytest

from tests.deploy.conftest import Deploy
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.fake_google.state import State
from tests.unit.deploy.fake_answers import make_trouble
from tests.unit.deploy.plans import PROJECT, SMTP_PASSWORD
from tests.unit.deploy.printed import SETTINGS

pytestmark = pytest.mark.timeout(300)
FOUND = [
    "- SMTP_PORT: Google Cloud blocks outgoing connections to port 25.",
    "- Billing is off in demo-project.",
    "- --region: Cloud Run has no region europe-wst1. Did you mean europe-west1?",
    "- The (default) database of demo-project is in Datastore mode",
    "- The (default) database of demo-project is in us-east1 and cannot be moved",
    "- All functions at their max_instances need 16 vCPU of Cloud Run; the quota in europe-wst1 is 10.",
    "- Usher is in europe-west1 (service send-email, job relay-outbox), not in europe-wst1",
    "- Usher is in us-central1 (service create-user, job relay-outbox), not in europe-wst1",
    "- The topic user.created is not Usher's",
    "- The subscription send-email is on the topic _deleted-topic_",
    "- The schema user.created is not Usher's",
]


def test_bare_project_is_ready_and_nothing_in_it_is_changed(google: FakeGoogle, deploy: Deploy) -> None:
    google.restore(State(PROJECT))

    checked = deploy("up", *SETTINGS, "--check")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "Nothing stands in the way of `up`.\n"
    assert google.unknown == []
    assert google.state == State(PROJECT)
    assert {call.method for call in google.journal} == {"GET"}


def test_all_that_stands_in_the_way_is_said_at_once_and_nothing_is_changed(google: FakeGoogle, deploy: Deploy) -> None:
    make_trouble(google.state)
    before = google.saved()

    checked = deploy("up", *SETTINGS, "--region=europe-wst1", "--smtp-port=25", "--check")

    assert checked.returncode == 2
    assert checked.stdout.startswith("Note: Firebase is on in demo-project")
    found = [line for line in checked.stderr.splitlines() if line.startswith("- ")]
    assert [line[: len(text)] for line, text in zip(found, FOUND, strict=True)] == FOUND
    assert SMTP_PASSWORD not in checked.stdout + checked.stderr
    assert google.unknown == []
    assert google.state == before
