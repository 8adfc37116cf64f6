"""A canary at the real create_user, in either mode: it arrives, and leaves nothing behind but what expires."""

import httpx
import pytest
from google.cloud.firestore import Client
from google.cloud.firestore_v1.base_query import FieldFilter

from blueprint.topology import read_topology
from deploy.canary import Canary, address_of_a_run
from deploy.cloud import Cloud
from deploy.records import Records
from shared.contract.documents import EMAIL_RESERVATIONS, SIGN_UP_REQUESTS, TAGGED_SIGN_UP_REQUESTS, USERS
from shared.runtime.versioned_secrets import VersionedSecrets
from shared.users.address_key import reservation_id, untagged
from testkit.canary import LINK_KEYS
from testkit.inbox import Inbox
from testkit.running_function import RunFunction
from testkit.stack import LocalStack

pytestmark = pytest.mark.pubsub


class EmulatorTransport(httpx.HTTPTransport):
    """Asks Firestore's emulator at `host` in the place of Google's API."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self._host = host

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = httpx.URL(f"http://{self._host}").copy_with(raw_path=request.url.raw_path)
        request.headers["Host"] = self._host
        return super().handle_request(request)


@pytest.mark.parametrize("verifies", [False, True], ids=["open", "mailbox first"])
def test_canary_arrives_and_is_deleted(
    stack: LocalStack, stack_firestore: Client, inbox: Inbox, run_function: RunFunction, *, verifies: bool
) -> None:
    topology = read_topology()
    keys = VersionedSecrets.parse(LINK_KEYS)
    function = run_function("create_user", GOOGLE_CLOUD_PROJECT=stack.project, VERIFY_EMAIL=str(verifies).lower())
    address = address_of_a_run("ops@canary.example", "3fa85f64d2b1-1-1-a1b2c3")
    users = stack_firestore.collection(USERS).where(filter=FieldFilter("email", "==", address))
    login = {"Authorization": "Bearer owner"}

    firestore = httpx.Client(transport=EmulatorTransport(stack.firestore_host), headers=login)
    with firestore, httpx.Client() as client:
        records = Records(Cloud(stack.project, firestore))
        canary = Canary(address, records, [*topology.subscribers()], keys if verifies else None, ["send_email"])
        canary.fly(client, function.url.rstrip("/"))
        [user] = users.get()
        left = canary.clear_away()

    assert user.get("email_verified") is verifies
    assert left == ""
    assert users.get() == []
    reservations = stack_firestore.collection(EMAIL_RESERVATIONS)
    assert reservations.where(filter=FieldFilter("user_id", "==", user.id)).get() == []
    for collection, counted in ((SIGN_UP_REQUESTS, address), (TAGGED_SIGN_UP_REQUESTS, untagged(address))):
        assert not stack_firestore.document(collection, reservation_id(counted)).get().exists
    assert len(inbox.mails_to(address)) == (2 if verifies else 1)  # the first brings the link that nobody opens
