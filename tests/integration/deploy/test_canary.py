"""A canary at the real create_user, in either mode: it arrives, and leaves nothing behind but what expires."""

import httpx
import pytest
from google.cloud.firestore import Client
from google.cloud.firestore_v1.base_query import FieldFilter

from blueprint.topology import read_topology
from deploy.canary import Canary, address_of_a_run
from deploy.cloud import Cloud
from deploy.records import Records
from emulator.functions.environment import local_settings
from shared.contract.documents import EMAIL_RESERVATIONS, USERS
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.running_function import RunFunction
from testkit.stack import LocalStack

pytestmark = pytest.mark.pubsub


@pytest.mark.parametrize("verifies", [False, True], ids=["open", "mailbox first"])
def test_canary_arrives_and_is_deleted(
    stack: LocalStack, stack_firestore: Client, inbox: Inbox, run_function: RunFunction, *, verifies: bool
) -> None:
    topology = read_topology()
    keys = VersionedSecrets.parse(local_settings(stack.ports, topology)["LINK_KEYS"])
    function = run_function("create_user", GOOGLE_CLOUD_PROJECT=stack.project, VERIFY_EMAIL=str(verifies).lower())
    address = address_of_a_run("ops@canary.example", "3fa85f64d2b1-1-1-a1b2c3")
    records = Records(Cloud(stack.project, at_the_emulator(stack.firestore_host)))
    canary = Canary(address, records, [*topology.subscribers()], keys if verifies else None)

    users = stack_firestore.collection(USERS).where(filter=FieldFilter("email", "==", address))

    with httpx.Client() as client:
        canary.fly(client, function.url.rstrip("/"))
    [user] = users.get()
    left = canary.clear_away()

    assert user.get("email_verified") is verifies
    assert left == ""
    assert users.get() == []
    reservations = stack_firestore.collection(EMAIL_RESERVATIONS)
    assert reservations.where(filter=FieldFilter("user_id", "==", user.id)).get() == []
    mails = 2 if verifies else 1  # the first brings the link that the canary cannot read
    assert eventually(lambda: len(inbox.mails_to(address)) == mails), inbox.mails_to(address)


def at_the_emulator(host: str) -> httpx.Client:
    """What asks Firestore's emulator in the place of Google's API."""
    emulator = httpx.HTTPTransport()

    def ask(request: httpx.Request) -> httpx.Response:
        request.url = httpx.URL(f"http://{host}").copy_with(raw_path=request.url.raw_path)
        request.headers["Host"] = host
        return emulator.handle_request(request)

    return httpx.Client(transport=httpx.MockTransport(ask), headers={"Authorization": "Bearer owner"})
