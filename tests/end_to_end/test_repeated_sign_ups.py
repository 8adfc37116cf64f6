"""The same address, or the same request, several times: one user, one event, one mail."""

from uuid import uuid4

import pytest
from google.cloud.firestore import Client

from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.running_function import RunFunction
from testkit.signing_up import an_address, members, sign_up, sign_up_at_once
from testkit.stack import LocalStack


@pytest.fixture
def create_user_url(stack: LocalStack, firestore_client: Client, run_function: RunFunction) -> str:
    """A create_user in the test's own project, whose events go to the stack's send_email."""
    stack.push_events_of(firestore_client.project)
    return run_function("create_user").url


def test_one_of_20_simultaneous_sign_ups_with_one_address_wins(
    create_user_url: str, firestore_client: Client, inbox: Inbox
) -> None:
    address = an_address()
    spellings = [address, address.upper(), address.title(), address.swapcase()] * 5

    responses = sign_up_at_once(create_user_url, [members(email=spelling) for spelling in spellings])

    assert sorted(response.status_code for response in responses) == [201] + [409] * 19
    [winner] = [response.json() for response in responses if response.status_code == 201]
    assert_one_user_and_one_mail(firestore_client, inbox, winner)


def test_second_sign_up_with_one_address_is_a_conflict(stack: LocalStack, inbox: Inbox) -> None:
    body = members()
    sign_up(stack.create_user_url, body)

    again = sign_up(stack.create_user_url, body | {"name": "Another Canary"})

    assert again.status_code == 409
    assert again.json()["code"] == "email-taken"
    inbox.wait_for_mail_to(str(body["email"]))


def test_request_repeated_with_its_key_gets_the_same_answer(
    create_user_url: str, firestore_client: Client, inbox: Inbox
) -> None:
    body, key = members(), str(uuid4())

    first, second = (sign_up(create_user_url, body, key=key) for _ in range(2))

    assert [first.status_code, second.status_code] == [201, 201]
    assert second.json() == first.json()
    assert_one_user_and_one_mail(firestore_client, inbox, first.json())


def test_request_sent_10_times_at_once_with_its_key_gets_the_same_answer(
    create_user_url: str, firestore_client: Client, inbox: Inbox
) -> None:
    responses = sign_up_at_once(create_user_url, [members(email=an_address())] * 10, key=str(uuid4()))

    assert [response.status_code for response in responses] == [201] * 10
    assert [response.json() for response in responses] == [responses[0].json()] * 10
    assert_one_user_and_one_mail(firestore_client, inbox, responses[0].json())


@pytest.mark.parametrize(
    "changes",
    [{"name": "Another Canary"}, {"password": "another canary password"}, {"email": "another@canary.example"}],
)
def test_key_that_comes_with_another_sign_up_is_rejected(stack: LocalStack, changes: dict[str, str]) -> None:
    body, key = members(), str(uuid4())
    sign_up(stack.create_user_url, body, key=key)

    other = sign_up(stack.create_user_url, body | changes, key=key)

    assert other.status_code == 422
    assert other.json()["code"] == "idempotency-key-reused"


def assert_one_user_and_one_mail(firestore: Client, inbox: Inbox, user: dict[str, str]) -> None:
    """That the project holds this one user, that all its events are published and that one mail came of them."""
    assert eventually(lambda: not firestore.collection("outbox").get())
    assert [snapshot.id for snapshot in firestore.collection("users").get()] == [user["id"]]
    assert [snapshot.get("user_id") for snapshot in firestore.collection("email_reservations").get()] == [user["id"]]
    inbox.wait_for_mail_to(user["email"])
