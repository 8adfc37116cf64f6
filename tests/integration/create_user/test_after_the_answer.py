"""What a sign-up does once nobody waits for it any more, and when it must not."""

from http import HTTPStatus

import pytest
from google.cloud.firestore import Client

from testkit.canary import PEPPERS
from testkit.entry_points import FUNCTIONS, loaded
from testkit.signing_up import members
from testkit.stack import LocalStack


@pytest.mark.parametrize(
    ("settings", "status", "entries_at_the_answer"),
    [
        pytest.param({"CLEAR_OUTBOX": "after"}, HTTPStatus.CREATED, 1, id="once the answer is sent"),
        pytest.param({"CLEAR_OUTBOX": "before"}, HTTPStatus.CREATED, 0, id="before the answer"),
        # A connection that ends a call later would tell that the address was free.
        pytest.param(
            {"CLEAR_OUTBOX": "after", "CONCEAL_EXISTING_ACCOUNTS": "true"},
            HTTPStatus.ACCEPTED,
            0,
            id="before the answer, while accounts are concealed",
        ),
    ],
)
def test_outbox_entry_is_cleared(
    stack: LocalStack,
    firestore_client: Client,
    settings: dict[str, str],
    *,
    status: HTTPStatus,
    entries_at_the_answer: int,
) -> None:
    stack.push_events_of(firestore_client.project)
    environment = {
        "GOOGLE_CLOUD_PROJECT": firestore_client.project,
        "EVENT_TOPIC": "user.created",
        "PASSWORD_PEPPERS": PEPPERS,
        "BCRYPT_ROUNDS": "10",
        **settings,
        **stack.emulator_hosts,
    }

    with loaded(FUNCTIONS / "create_user" / "main.py", "create_user", environment) as client:
        answer = client.post("/", json=members())
        entries = firestore_client.collection("outbox").get()
        answer.close()

    assert answer.status_code == status
    assert len(entries) == entries_at_the_answer
    assert firestore_client.collection("outbox").get() == []
