"""The first request has create_user connect; until that works, requests fail, and nothing has to be started again."""

from http import HTTPStatus
from unittest.mock import patch

import pytest
from google.auth.exceptions import DefaultCredentialsError
from google.cloud.firestore import Client

from testkit.canary import PEPPERS
from testkit.entry_points import FUNCTIONS, loaded
from testkit.signing_up import members
from testkit.stack import LocalStack

pytestmark = pytest.mark.pubsub  # both of its connections are Google's


BROKEN = ("shared.firestore.grpc_database.GrpcDatabase", "shared.broker.pubsub_topic.connect")
NO_LOGIN = DefaultCredentialsError("no login of ewan@example.com")  # type: ignore[no-untyped-call]  # the library's gap


@pytest.mark.parametrize("broken", BROKEN)
def test_sign_up_that_cannot_connect_fails_and_stores_nothing_and_a_later_one_connects(
    broken: str, stack: LocalStack, firestore_client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.push_events_of(firestore_client.project)
    environment = {
        "GOOGLE_CLOUD_PROJECT": firestore_client.project,
        "EVENT_TOPIC": "user.created",
        "PASSWORD_PEPPERS": PEPPERS,
        "BCRYPT_ROUNDS": "10",
        **stack.emulator_hosts,
    }
    with loaded(FUNCTIONS / "create_user" / "main.py", "create_user", environment) as caller:
        with patch(broken, side_effect=NO_LOGIN):
            failed = caller.post("/", json=members())
            failed.close()
        assert firestore_client.collection("users").get() == []
        later = caller.post("/", json=members())
        later.close()

    assert (failed.status_code, later.status_code) == (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.CREATED)
    logged = "".join(capfd.readouterr())
    assert "DefaultCredentialsError" in logged
    assert "ewan@example.com" not in logged + failed.get_data(as_text=True)
