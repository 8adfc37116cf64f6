"""Whatever fails inside a function, and whatever its exception says: none of it reaches an answer or a log line."""

from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from google.cloud.firestore import Client as Firestore
from werkzeug.test import Client, TestResponse

from blueprint.topology import read_topology
from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from shared.events.codec import Encoding, encode
from shared.events.message import Message
from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.builders import a_sign_up_repeated, a_sign_up_requested, a_stored_user
from testkit.canary import COMPANY, LINK_KEYS, NAME, PEPPERS, SMS_AUTH_TOKEN, SMTP_PASSWORD, leaks
from testkit.database import database_of
from testkit.entry_points import FUNCTIONS, loaded
from testkit.http_server import HttpScript, http_serving, reply
from testkit.pushing import an_event, body_of
from testkit.signing_up import an_address, members, members_beside
from testkit.smtp_server import Script, serving
from testkit.stack import LocalStack
from tests.integration.seams import BUGS, SEAMS, TEXT, broken

_ATTEMPTS = 3  # before the seam the emulator may pause for longer than a call may take
HOLDER = a_stored_user(name=NAME, company=COMPANY, email=an_address(), created_at=datetime.now(UTC))


def sign_up(client: Client, _: Firestore) -> TestResponse:
    return client.post("/", json=members())


def request(client: Client, firestore: Firestore) -> TestResponse:
    for record in firestore.collection("sign_up_requests").list_documents():
        record.delete()  # a request that is silenced reaches no seam
    return client.post("/sign-ups", json={"email": HOLDER.user.email})


def finish(client: Client, _: Firestore) -> TestResponse:
    token = SignUpLink.requested_at(datetime.now(UTC), an_address()).token(VersionedSecrets.parse(LINK_KEYS))
    return client.post("/", json=members_beside(token))


def relay(client: Client, firestore: Firestore) -> TestResponse:
    event = an_event()
    firestore.document("outbox", event.event_id).create(asdict(event))
    return client.post("/")


def audit(client: Client, _: Firestore) -> TestResponse:
    return client.post("/")


def push(client: Client, _: Firestore) -> TestResponse:
    return client.post("/", json=body_of(encode(an_event(), Encoding.JSON)))


def push_request(client: Client, _: Firestore) -> TestResponse:
    event = a_sign_up_requested(email=an_address(), occurred_at=datetime.now(UTC))
    return client.post("/", json=body_of(encode(event, Encoding.JSON)))


def push_repeated(client: Client, _: Firestore) -> TestResponse:
    return client.post("/", json=body_of(encode(a_sign_up_repeated(email=an_address()), Encoding.JSON)))


def push_malformed(client: Client, _: Firestore) -> TestResponse:
    return client.post("/", json=body_of(Message(TEXT.encode(), {TEXT: TEXT})))


CALLS = {
    "create_user": sign_up,
    "create_user, requested": request,
    "create_user, finished": finish,
    "relay_outbox": relay,
    "audit": audit,
    "send_email": push,
    "send_email, link": push_request,
    "send_email, repeated": push_repeated,
    "send_email, malformed": push_malformed,
    "notify_admin": push,
}


@pytest.mark.parametrize(
    "every", [pytest.param(5, marks=pytest.mark.sample), pytest.param(1, marks=pytest.mark.exhaustive)]
)
@pytest.mark.parametrize(("call", "seam"), [(call, seam) for call, seams in SEAMS.items() for seam in seams])
def test_text_of_an_exception_reaches_neither_answer_nor_log(
    call: str, seam: str, stack: LocalStack, firestore_client: Firestore, capfd: pytest.CaptureFixture[str], every: int
) -> None:
    """Of `every` so many exceptions one, and all bugs."""
    stack.push_events_of(firestore_client.project)
    function = call.partition(",")[0]
    # A store that fails is asked until the lease ends; a conversation has to get to the seam.
    deadline, lease = ("0.2", "0.3") if seam.startswith("rpc:") else ("10", "11")
    source = FUNCTIONS.parent / read_topology().functions[function].source / "main.py"
    FirestoreUsers(database_of(firestore_client)).add(HOLDER, user_created(HOLDER.user, traceparent=""))
    refusal = reply("400 Bad Request", {"code": 21211, "message": TEXT})
    with serving(Script(extensions=("AUTH PLAIN",))) as smtp, http_serving(HttpScript(refusal)) as sms:
        settings = {
            "GOOGLE_CLOUD_PROJECT": firestore_client.project,
            **stack.emulator_hosts,
            "EVENT_TOPIC": "user.created",
            "PASSWORD_PEPPERS": PEPPERS,
            "BCRYPT_ROUNDS": "10",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp.port),
            "SMTP_SECURITY": "none",
            "SMTP_USER": "usher",
            "SMTP_PASSWORD": SMTP_PASSWORD,
            "MAIL_FROM": "welcome@usher.example",
            "LINK_KEYS": LINK_KEYS,
            "SIGN_UP_URL": "https://usher.example/sign-up",
            "OUTBOX_GRACE_SECONDS": "0",
            "AUDITED_SUBSCRIBERS": "send_email=send-email",
            "DEAD_LETTER_TOPIC": "dead-letters",
            "DEAD_LETTER_SUBSCRIPTION": "dead-letters",
            "ATTEMPTS_SECONDS": "100",
            "AUDIT_SETTLED_SECONDS": "0",
            "MONITORING_URL": "http://127.0.0.1:1",
            "SMTP_DEADLINE_SECONDS": deadline,
            "SMS_BASE_URL": f"http://127.0.0.1:{sms.port}",
            "SMS_ACCOUNT_SID": "AC1",
            "SMS_AUTH_TOKEN": SMS_AUTH_TOKEN,
            "SMS_FROM": "Usher",
            "SMS_TO": "+441632960123",
            "SMS_DEADLINE_SECONDS": deadline,
            "LEASE_SECONDS": lease,
            "VERIFY_EMAIL": str(call.startswith("create_user, ")).lower(),
        }
        for error in (*BUGS, *SEAMS[call][seam][::every]):
            with loaded(source, function, settings) as client, broken(seam, error) as failing:
                told: list[str] = []
                for _ in range(_ATTEMPTS):
                    answer = CALLS[call](client, firestore_client)
                    told += [answer.get_data(as_text=True), str(answer.headers)]
                    answer.close()  # create_user works on after that
                    if failing.called:
                        break
            logged = "".join(capfd.readouterr())

            assert failing.called, logged
            assert logged, "nobody would learn of it"
            assert leaks(logged.splitlines()) == []
            if answer.status_code != HTTPStatus.CREATED:  # that one shows the user
                assert leaks(told) == []
