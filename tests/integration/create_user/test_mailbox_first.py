"""create_user where the mailbox comes first, its events pushed to the stack's send_email."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from google.cloud.firestore import Client

from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.canary import LINK_KEYS
from testkit.inbox import Inbox
from testkit.links import link_in
from testkit.polling import eventually
from testkit.relaying import relay
from testkit.running_function import RunFunction
from testkit.signing_up import an_address, members, members_beside, request_sign_up, sign_up
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

MAILBOX_FIRST = {"VERIFY_EMAIL": "true"}
LINK, NOTE, WELCOME = "Finish signing up for Usher", "You already have an account at Usher", "Welcome to Usher"


@pytest.fixture(autouse=True)
def topics(stack: LocalStack, firestore_client: Client) -> None:
    stack.push_events_of(firestore_client.project)


@pytest.fixture
def url(run_function: RunFunction) -> str:
    return run_function("create_user", **MAILBOX_FIRST).url


def test_whole_way_from_the_address_to_the_welcome_mail(url: str, firestore_client: Client, inbox: Inbox) -> None:
    address, key = an_address(), str(uuid4())
    request_sign_up(url, address)
    page, _, token = link_in(inbox.wait_for_mail_to(address)).partition("#")
    body = members_beside(token, company="Canary Mines")

    first, again, other = sign_up(url, body, key=key), sign_up(url, body, key=key), sign_up(url, body)

    assert page.endswith("/sign-up")
    assert (first.status_code, again.content) == (201, first.content)
    assert (other.status_code, other.json()["code"]) == (409, "email-taken")
    assert first.json().keys() == {"id", "name", "company", "email", "created_at"}
    assert first.json()["email"] == address
    [user] = firestore_client.collection("users").get()
    assert (user.id, user.get("email_verified")) == (first.json()["id"], True)
    assert eventually(lambda: subjects(inbox, address) == [LINK, WELCOME])
    assert eventually(lambda: not firestore_client.collection("outbox").get())


def test_answer_is_the_same_to_the_byte_whether_the_address_is_free_or_taken_and_mailed_or_not(
    url: str, run_function: RunFunction
) -> None:
    taken, free = an_address(), an_address()
    sign_up(run_function("create_user").url, members(email=taken))

    answers = [
        request_sign_up(url, address) for address in (free, taken, free, taken.upper(), free.replace("@", "+tag@"))
    ]

    assert answers[0].status_code == 202
    assert answers[0].content == b'{"status":"accepted"}'
    assert len({but_for_the_date(answer) for answer in answers}) == 1


def test_20_requests_at_once_send_one_mail_to_a_free_and_to_a_taken_address(
    url: str, run_function: RunFunction, firestore_client: Client, inbox: Inbox
) -> None:
    taken, free = an_address(), an_address()
    sign_up(run_function("create_user").url, members(email=taken))

    for address in (free, taken):
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda spelling: request_sign_up(url, spelling), [address, address.upper()] * 10))
        assert {answer.status_code for answer in answers} == {202}

    assert eventually(lambda: subjects(inbox, taken) == [WELCOME, NOTE])
    assert eventually(lambda: subjects(inbox, free) == [LINK])
    assert eventually(lambda: not firestore_client.collection("outbox").get())
    [note] = [mail for mail in inbox.mails_to(taken) if mail["Subject"] == NOTE]
    assert note["To"] == taken
    assert taken.upper() not in note.as_string()
    records = firestore_client.collection("sign_up_requests").get()
    assert [record.get("mails") for record in records] == [1, 1]


def test_one_of_20_who_finish_at_once_with_one_link_has_the_account(
    url: str, firestore_client: Client, inbox: Inbox
) -> None:
    address = an_address()
    token = a_token(address)

    with ThreadPoolExecutor(20) as pool:
        bodies = [members_beside(token, name=f"Canary {number}") for number in range(20)]
        answers = list(pool.map(lambda body: sign_up(url, body), bodies))

    statuses = [answer.status_code for answer in answers]
    [user] = firestore_client.collection("users").get()
    assert (statuses.count(201), statuses.count(409)) == (1, 19)
    assert [answer.json()["id"] for answer in answers if answer.status_code == 201] == [user.id]
    inbox.wait_for_mail_to(address)


def test_ceiling_is_exact_under_a_flood_and_keeps_nobody_from_finishing(
    run_function: RunFunction, firestore_client: Client
) -> None:
    url = run_function("create_user", **MAILBOX_FIRST, SIGN_UPS_A_MINUTE="10").url

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: request_sign_up(url, an_address()), range(40)))
    finished = sign_up(url, members_beside(a_token(an_address())))

    refused = [answer for answer in answers if answer.status_code == 503]
    assert [answer.status_code for answer in answers].count(202) == 10
    assert {answer.json()["code"] for answer in refused} == {"overloaded"}
    assert {0 < int(answer.headers["Retry-After"]) <= 60 for answer in refused} == {True}
    assert len(firestore_client.collection("sign_up_requests").get()) == 10
    assert finished.status_code == 201


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(hours=23, minutes=59), (201, None)),
        (timedelta(hours=24), (410, "link-expired")),
        (timedelta(minutes=-1), (400, "link-invalid")),
    ],
)
def test_link_is_good_for_24_hours_on_the_clock_of_the_store(
    url: str, firestore_client: Client, age: timedelta, expected: tuple[int, str | None]
) -> None:
    response = sign_up(url, members_beside(a_token(an_address(), age=age)))

    assert (response.status_code, response.json().get("code")) == expected
    assert len(firestore_client.collection("users").get()) == (1 if expected[0] == 201 else 0)


def test_request_of_a_process_that_is_killed_while_it_publishes_is_relayed(
    run_function: RunFunction, firestore_client: Client, broker_proxy: TcpProxy, stack: LocalStack, inbox: Inbox
) -> None:
    address = an_address()
    doomed = run_function("create_user", **MAILBOX_FIRST, **stack.broker.settings_at(broker_proxy.address))
    broker_proxy.blackhole()

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(request_sign_up, doomed.url, address)
        assert eventually(lambda: firestore_client.collection("outbox").get())
        doomed.kill()
        assert isinstance(answer.exception(), httpx.TransportError)
    report = relay(run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0").url)

    assert report == {"relayed": 1, "remaining": 0}
    assert eventually(lambda: subjects(inbox, address) == [LINK])


@pytest.mark.parametrize("is_first", [True, False])
def test_request_while_firestore_is_silent_is_told_to_come_back_and_then_mails(
    run_function: RunFunction, firestore_proxy: TcpProxy, inbox: Inbox, *, is_first: bool
) -> None:
    url = run_function("create_user", **MAILBOX_FIRST, FIRESTORE_EMULATOR_HOST=firestore_proxy.address).url
    if not is_first:
        request_sign_up(url, an_address())
    address = an_address()
    firestore_proxy.blackhole()

    response = request_sign_up(url, address)

    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0
    firestore_proxy.forward()
    assert eventually(lambda: request_sign_up(url, address).status_code == 202)
    assert eventually(lambda: subjects(inbox, address) == [LINK])


def a_token(address: str, *, age: timedelta = timedelta()) -> str:
    return SignUpLink.requested_at(datetime.now(UTC) - age, address).token(VersionedSecrets.parse(LINK_KEYS))


def subjects(inbox: Inbox, address: str) -> list[str]:
    """The subjects of the mails to the address, in alphabetical order but for the note, which comes last."""
    return sorted((mail["Subject"] for mail in inbox.mails_to(address)), key=[LINK, WELCOME, NOTE].index)


def but_for_the_date(answer: httpx.Response) -> tuple[object, ...]:
    headers = [(name, value) for name, value in answer.headers.raw if name.lower() != b"date"]
    return answer.status_code, answer.http_version, tuple(headers), answer.content
