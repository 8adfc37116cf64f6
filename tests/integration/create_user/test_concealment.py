"""create_user where existing accounts are concealed, its events pushed to the stack's send_email."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest
from google.cloud.firestore import Client

from testkit.inbox import Inbox
from testkit.plain_http import http
from testkit.polling import eventually
from testkit.relaying import relay
from testkit.running_function import RunFunction
from testkit.signing_up import members, sign_up, sign_up_at_once
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

CONCEALING = {"CONCEAL_EXISTING_ACCOUNTS": "true", "CONCEALED_ANSWER_SECONDS": "0.5"}
WELCOME, REMINDER = "Welcome to Usher", "You already have an account at Usher"


@pytest.fixture(autouse=True)
def topics(stack: LocalStack, firestore_client: Client) -> None:
    stack.push_events_of(firestore_client.project)


def test_answer_is_the_same_to_the_byte_whether_the_address_is_free_or_taken_or_the_key_was_used(
    run_function: RunFunction,
) -> None:
    url, body, key = run_function("create_user", **CONCEALING).url, members(), str(uuid4())

    answers = [
        sign_up(url, body, key=key),
        sign_up(url, body, key=key),
        sign_up(url, body | {"name": "Another Canary"}, key=key),
        sign_up(url, body | {"email": members()["email"]}, key=key),
        sign_up(url, body | {"email": str(body["email"]).upper()}),
        sign_up(url, members()),
    ]

    assert answers[0].status_code == 202
    assert answers[0].content == b'{"status":"accepted"}'
    assert len({but_for_the_date(answer) for answer in answers}) == 1


def test_20_repeats_at_once_send_the_holder_one_mail_that_says_nothing_of_who_repeated(
    run_function: RunFunction, firestore_client: Client, inbox: Inbox
) -> None:
    url, body = run_function("create_user", **CONCEALING).url, members()
    address = str(body["email"])
    sign_up(url, body)

    answers = sign_up_at_once(url, [members(name="Eve", company="Evil", email=address.upper())] * 20)

    assert {answer.status_code for answer in answers} == {202}
    assert eventually(lambda: subjects(inbox, address) == [WELCOME, REMINDER])
    assert eventually(lambda: not firestore_client.collection("outbox").get())
    [mail] = [mail for mail in inbox.mails_to(address) if mail["Subject"] == REMINDER]
    assert mail["To"] == address
    assert not any(word in mail.as_string() for word in ("Eve", "Evil", address.upper()))
    assert len(firestore_client.collection("users").get()) == 1


def test_key_used_for_one_address_signs_another_up(run_function: RunFunction, firestore_client: Client) -> None:
    url, key = run_function("create_user", **CONCEALING).url, str(uuid4())
    bodies = [members(), members()]

    for body in bodies * 2:
        sign_up(url, body, key=key)

    users = firestore_client.collection("users").get()
    assert {user.get("email") for user in users} == {body["email"] for body in bodies}
    assert len(users) == 2


def test_password_of_a_repeat_under_its_own_key_is_not_compared(
    run_function: RunFunction, firestore_client: Client
) -> None:
    url, body, key = run_function("create_user", **CONCEALING).url, members(), str(uuid4())
    sign_up(url, body, key=key)
    [before] = firestore_client.collection("users").get()

    sign_up(url, body | {"password": "another canary plum tractor"}, key=key)

    assert firestore_client.collection("reminders").get() == []
    assert [user.to_dict() for user in firestore_client.collection("users").get()] == [before.to_dict()]


def test_reminder_of_a_process_that_is_killed_while_it_publishes_is_relayed(
    run_function: RunFunction, firestore_client: Client, pubsub_proxy: TcpProxy, inbox: Inbox
) -> None:
    body = members()
    sign_up(run_function("create_user", **CONCEALING).url, body)
    assert eventually(lambda: not firestore_client.collection("outbox").get())
    doomed = run_function("create_user", **CONCEALING, PUBSUB_EMULATOR_HOST=pubsub_proxy.address)
    pubsub_proxy.blackhole()

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(sign_up, doomed.url, body)
        assert eventually(lambda: firestore_client.collection("outbox").get())
        doomed.kill()
        assert isinstance(answer.exception(), httpx.TransportError)
    report = relay(run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0").url)

    assert report == {"relayed": 1, "remaining": 0}
    assert eventually(lambda: subjects(inbox, str(body["email"])) == [WELCOME, REMINDER])


@pytest.mark.exhaustive
def test_failure_after_validation_is_reported_at_the_fixed_time_too(
    run_function: RunFunction, firestore_proxy: TcpProxy
) -> None:
    settings = CONCEALING | {"CONCEALED_ANSWER_SECONDS": "5"}
    url = run_function("create_user", **settings, FIRESTORE_EMULATOR_HOST=firestore_proxy.address).url
    firestore_proxy.refuse()
    started = time.monotonic()

    response = sign_up(url, members())

    assert response.status_code == 503
    assert 5 <= time.monotonic() - started < 6.5


def test_body_that_dribbles_in_does_not_use_up_the_time(run_function: RunFunction) -> None:
    url, body = run_function("create_user", **CONCEALING).url, json.dumps(members()).encode()
    ended = []

    def dribble() -> Iterator[bytes]:
        yield body[:1]
        time.sleep(0.4)
        ended.append(time.monotonic())
        yield body[1:]

    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    response = http.post(url, content=dribble(), headers=headers)

    assert response.status_code == 202
    assert time.monotonic() - ended[0] >= 0.5


def subjects(inbox: Inbox, address: str) -> list[str]:
    """The subjects of the mails to the address, in alphabetical order."""
    return sorted(mail["Subject"] for mail in inbox.mails_to(address))


def but_for_the_date(answer: httpx.Response) -> tuple[object, ...]:
    headers = [(name, value) for name, value in answer.headers.raw if name.lower() != b"date"]
    return answer.status_code, answer.http_version, tuple(headers), answer.content
