"""A function that is deployed only where its settings are given: an SMS to the admin, say."""

import pytest

from tests.deploy.conftest import SMS_AUTH_TOKEN, Deployed
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.roles import missing_roles

pytestmark = pytest.mark.timeout(300)


def test_switched_on_it_is_pushed_to_and_the_others_stay_as_they_are(
    deployed: Deployed, texting_google: FakeGoogle
) -> None:
    state = texting_google.state

    assert state.subscriptions["notify-admin"]["pushConfig"]["pushEndpoint"].startswith("https://notify-admin-")
    assert state.subscriptions["send-email"] == deployed.state.subscriptions["send-email"]
    assert state.versions["usher-sms-auth-token"] == [SMS_AUTH_TOKEN.encode()]
    assert missing_roles(state) == []
