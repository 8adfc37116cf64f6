"""The mailbox first, switched on in a project that was deployed to: single steps by the real gcloud."""

import pytest

from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.fake_google.state import NUMBER
from tests.deploy.roles import missing_roles
from tests.deploy.single_steps import Steps, carry_out
from tests.deploy.uploaded import environment
from tests.unit.deploy.fake_answers import FakeAnswers, found
from tests.unit.deploy.plans import REGION, SMTP_PASSWORD, all_steps, deployment

pytestmark = pytest.mark.timeout(300)
BUILDING = ("Build and deploy send-email", "Build and deploy create-user")


def test_switched_on_both_functions_get_the_same_keys_and_links_lead_to_create_user(
    deployed_google: FakeGoogle, steps: Steps
) -> None:
    others = {step.sentence for step in steps.all}
    verifying = all_steps(deployment(VERIFY_EMAIL="true"), SMTP_PASSWORD=SMTP_PASSWORD)

    carry_out([step for step in verifying if step.sentence not in others or step.sentence.startswith(BUILDING)])

    state = deployed_google.state
    create_user, send_email = (environment(state, name) for name in ("create-user", "send-email"))
    [keys] = state.versions["usher-link-keys"]
    assert keys.decode() == create_user["LINK_KEYS"] == send_email["LINK_KEYS"] != create_user["PASSWORD_PEPPERS"]
    assert create_user["VERIFY_EMAIL"] == "true"
    assert send_email["SIGN_UP_URL"] == f"https://create-user-{NUMBER}.{REGION}.run.app/sign-up"
    assert [text for text in found(FakeAnswers(state)) if "VERIFY_EMAIL is missing" in text]  # if it were forgotten
    assert missing_roles(state) == []
    assert deployed_google.unknown == []
