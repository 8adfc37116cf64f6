"""The real gcloud still says what the tables of tests/gcloud_messages.py have it say."""

import pytest

from tests.deploy.fake_google.server import FakeGoogle, Fault
from tests.deploy.faults import FAULTS, fault
from tests.deploy.single_steps import Steps, message_of
from tests.gcloud_messages import ALREADY_THERE, GONE, SAID
from tests.unit.deploy.plans import PROJECT

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("name", FAULTS)
def test_refusal_of_an_api_is_said(deployed_google: FakeGoogle, steps: Steps, name: str) -> None:
    deployed_google.faults.append(fault(name))
    step = steps.one(SAID[name].step)

    assert SAID[name].text in message_of(step.command, step.payload)


def test_grant_that_spreads_slowly_is_said(deployed_google: FakeGoogle, steps: Steps) -> None:
    del deployed_google.state.policies[f"projects/{PROJECT}/secrets/usher-smtp-password"]
    said = SAID["a grant not yet known"]

    assert said.text in message_of(steps.one(said.step).command)


def test_function_that_does_not_start_is_said_with_the_address_of_its_log(
    deployed_google: FakeGoogle, steps: Steps
) -> None:
    said = SAID["a function that does not start"]
    deployed_google.state.does_not_start = said.text

    assert said.text in message_of(steps.one(said.step).command)


@pytest.mark.parametrize("sentence", ALREADY_THERE)
@pytest.mark.usefixtures("deployed_google")
def test_what_is_there_already_is_said(steps: Steps, sentence: str) -> None:
    assert ALREADY_THERE[sentence] in message_of(steps.one(sentence).command)


@pytest.mark.usefixtures("google")
def test_lack_of_a_login_and_of_an_option_are_said(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SAID["an option it does not know"].text in message_of(("gcloud", "firestore", "fields", "ttlz"))
    assert SAID["a flag it does not know"].text in message_of(("gcloud", "run", "deploy", "--no-such-flag"))

    monkeypatch.delenv("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE")
    said = SAID["no login"]

    assert said.text in message_of(steps.one(said.step).command)


@pytest.mark.exhaustive  # gcloud itself tries for half a minute
def test_lack_of_a_network_is_said(google: FakeGoogle, steps: Steps) -> None:
    said = SAID["no network"]
    google.faults.append(Fault("PUT", "/topics/", None, times=99))

    assert said.text in message_of(steps.one(said.step).command)


@pytest.mark.parametrize(("sentence", "text"), GONE.items(), ids=GONE)
@pytest.mark.usefixtures("google")
def test_what_is_not_there_to_be_taken_away_is_said(steps: Steps, sentence: str, text: str) -> None:
    assert text in message_of(steps.one(sentence).undo)
