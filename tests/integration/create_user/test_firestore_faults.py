"""create_user while Firestore is down, silent, or loses its replies."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from google.cloud.firestore import Client

from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.running_function import RunFunction
from testkit.signing_up import members, sign_up
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

DOCUMENTED_SECONDS = 10


@pytest.fixture
def create_user_url(
    stack: LocalStack, firestore_client: Client, run_function: RunFunction, firestore_proxy: TcpProxy
) -> str:
    """A create_user that reaches Firestore through the proxy and has done so once."""
    stack.push_events_of(firestore_client.project)
    url = run_function("create_user", FIRESTORE_EMULATOR_HOST=firestore_proxy.address).url
    assert sign_up(url, members()).status_code == 201
    return url


@pytest.mark.parametrize("fault", [TcpProxy.blackhole, pytest.param(TcpProxy.refuse, marks=pytest.mark.exhaustive)])
def test_sign_up_while_firestore_does_not_answer_is_told_to_come_back(
    create_user_url: str, firestore_proxy: TcpProxy, fault: Callable[[TcpProxy], None]
) -> None:
    body, key = members(), str(uuid4())
    fault(firestore_proxy)
    started = time.monotonic()

    response = sign_up(create_user_url, body, key=key)

    assert response.status_code == 503
    assert response.json()["code"] == "unavailable"
    assert int(response.headers["Retry-After"]) > 0
    assert time.monotonic() - started < DOCUMENTED_SECONDS

    firestore_proxy.forward()

    assert eventually(lambda: sign_up(create_user_url, body, key=key).status_code == 201)


def test_first_sign_up_of_an_instance_while_firestore_is_silent_is_told_to_come_back(
    run_function: RunFunction, firestore_proxy: TcpProxy
) -> None:
    firestore_proxy.blackhole()
    url = run_function("create_user", FIRESTORE_EMULATOR_HOST=firestore_proxy.address).url
    started = time.monotonic()

    response = sign_up(url, members())

    assert response.status_code == 503
    assert time.monotonic() - started < DOCUMENTED_SECONDS


@pytest.mark.parametrize("has_key", [True, False])
def test_commit_whose_reply_is_lost_is_a_success(
    create_user_url: str, firestore_proxy: TcpProxy, firestore_client: Client, inbox: Inbox, *, has_key: bool
) -> None:
    body, key = members(), str(uuid4()) if has_key else None
    firestore_proxy.swallow_replies()

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(sign_up, create_user_url, body, key=key)
        assert eventually(lambda: ids_of_users(firestore_client, body))
        firestore_proxy.forward()

    response = answer.result()
    assert response.status_code == 201
    assert ids_of_users(firestore_client, body) == [response.json()["id"]]
    assert eventually(lambda: not firestore_client.collection("outbox").get())  # cleared after the response
    inbox.wait_for_mail_to(str(body["email"]))


def test_request_repeated_after_its_replies_were_lost_gets_the_stored_user(
    create_user_url: str, firestore_proxy: TcpProxy, firestore_client: Client
) -> None:
    body, key = members(), str(uuid4())
    firestore_proxy.swallow_replies()
    assert sign_up(create_user_url, body, key=key).status_code == 503
    firestore_proxy.forward()

    response = sign_up(create_user_url, body, key=key)

    assert response.status_code == 201
    assert ids_of_users(firestore_client, body) == [response.json()["id"]]
    assert eventually(lambda: not firestore_client.collection("outbox").get())  # cleared after the response


def ids_of_users(firestore: Client, body: dict[str, object]) -> list[str]:
    return [user.id for user in firestore.collection("users").get() if user.get("email") == body["email"]]
