"""What a sign-up does once nobody waits for it any more."""

from http import HTTPStatus

from google.cloud.firestore import Client

from tests.canary import PEPPERS
from tests.entry_points import FUNCTIONS, loaded
from tests.signing_up import members
from tests.stack import LocalStack


def test_outbox_entry_is_cleared_once_the_answer_is_sent(stack: LocalStack, firestore_client: Client) -> None:
    stack.push_events_of(firestore_client.project)
    environment = {
        "GOOGLE_CLOUD_PROJECT": firestore_client.project,
        "EVENT_TOPIC": "user.created",
        "PASSWORD_PEPPERS": PEPPERS,
        "BCRYPT_ROUNDS": "10",
        "FIRESTORE_EMULATOR_HOST": stack.firestore_host,
        "PUBSUB_EMULATOR_HOST": stack.pubsub_host,
    }

    with loaded(FUNCTIONS / "create_user" / "main.py", "create_user", environment) as client:
        answer = client.post("/", json=members())
        entries = firestore_client.collection("outbox").get()
        answer.close()

    assert answer.status_code == HTTPStatus.CREATED
    assert len(entries) == 1
    assert firestore_client.collection("outbox").get() == []
