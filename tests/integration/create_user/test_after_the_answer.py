"""What a sign-up does once nobody waits for it any more."""

from http import HTTPStatus

import pytest
from google.cloud.firestore import Client

from testkit.canary import LINK_KEYS, PEPPERS
from testkit.entry_points import FUNCTIONS, loaded
from testkit.signing_up import members
from testkit.stack import LocalStack

MAILBOX_FIRST = {"VERIFY_EMAIL": "true", "LINK_KEYS": LINK_KEYS}


@pytest.mark.parametrize(("clear_outbox", "entries_at_the_answer"), [("after", 1), ("before", 0)])
@pytest.mark.parametrize(
    ("settings", "path", "status"),
    [
        pytest.param({}, "/", HTTPStatus.CREATED, id="of a sign-up"),
        pytest.param(MAILBOX_FIRST, "/sign-ups", HTTPStatus.ACCEPTED, id="of a request"),
    ],
)
def test_outbox_entry_is_cleared_before_or_after_the_answer(
    stack: LocalStack,
    firestore_client: Client,
    settings: dict[str, str],
    *,
    path: str,
    status: HTTPStatus,
    clear_outbox: str,
    entries_at_the_answer: int,
) -> None:
    stack.push_events_of(firestore_client.project)
    environment = {
        "GOOGLE_CLOUD_PROJECT": firestore_client.project,
        "EVENT_TOPIC": "user.created",
        "PASSWORD_PEPPERS": PEPPERS,
        "BCRYPT_ROUNDS": "10",
        "CLEAR_OUTBOX": clear_outbox,
        **settings,
        **stack.emulator_hosts,
    }

    with loaded(FUNCTIONS / "create_user" / "main.py", "create_user", environment) as client:
        body = members()
        answer = client.post(path, json=body if path == "/" else {"email": body["email"]})
        entries = firestore_client.collection("outbox").get()
        answer.close()

    assert answer.status_code == status
    assert len(entries) == entries_at_the_answer
    assert firestore_client.collection("outbox").get() == []
