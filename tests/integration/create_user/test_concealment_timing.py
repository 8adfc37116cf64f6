"""What an attacker with a stopwatch learns of an address: nothing, where existing accounts are concealed."""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from math import sqrt
from pathlib import Path

import httpx
import pytest
from google.cloud.firestore import Client

from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from testkit.builders import a_stored_user
from testkit.plain_http import http
from testkit.running_function import RunFunction
from testkit.signing_up import an_address, members
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

DELAY_SECONDS = 0.02  # a chunk, so 40 ms a call there and back
FEW, MANY = 20, 60  # of each kind
INTERVAL_SECONDS = 0.125  # from one request to the next: many wait for their answers, and hardly two for each other
FIXED_SECONDS = "1.56"  # no multiple of the interval: requests arrive between answers
AT_ONCE = 20
TRIES = 3  # a machine that stands still for seconds fails calls, whatever the address
TIMED = (str(Path(__file__).with_name("cheap_hashes.py")),)  # a hash's time would hide what the test is after
UNTIMED = (*TIMED, "--untimed")
Attempt = tuple[bool, str]  # whether the address is taken, and the address


@pytest.fixture(autouse=True)
def slow_calls(
    stack: LocalStack, firestore_client: Client, firestore_proxy: TcpProxy, pubsub_proxy: TcpProxy
) -> Iterator[None]:
    """A topic that nobody subscribes to, and delays."""
    topic = f"http://{stack.pubsub_host}/v1/projects/{firestore_client.project}/topics/user.created"
    http.put(topic, json={}).raise_for_status()
    firestore_proxy.delay_seconds = pubsub_proxy.delay_seconds = DELAY_SECONDS
    yield
    firestore_proxy.delay_seconds = pubsub_proxy.delay_seconds = 0


@pytest.mark.timeout(300)
@pytest.mark.parametrize("of_each", [FEW, pytest.param(MANY, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize(
    ("launched_by", "weakest", "strongest"),
    [
        pytest.param(TIMED, 0, 4, id="cannot be told apart"),
        pytest.param(UNTIMED, 4, 99, id="can without the fixed time", marks=pytest.mark.exhaustive),
    ],
)
def test_new_and_taken_addresses_by_their_time(
    run_function: RunFunction,
    firestore_client: Client,
    firestore_proxy: TcpProxy,
    pubsub_proxy: TcpProxy,
    *,
    of_each: int,
    launched_by: Sequence[str],
    weakest: float,
    strongest: float,
) -> None:
    url = run_function(
        "create_user",
        launched_by=launched_by,
        CONCEAL_EXISTING_ACCOUNTS="true",
        CONCEALED_ANSWER_SECONDS=FIXED_SECONDS,
        FIRESTORE_EMULATOR_HOST=firestore_proxy.address,
        PUBSUB_EMULATOR_HOST=pubsub_proxy.address,
    ).url

    for _ in range(TRIES):
        attempts = shuffled_attempts(of_each, firestore_client)
        seconds, refused = timed(url, attempts)
        if not refused:
            break

    assert not refused
    z = rank_test([s for s, taken in seconds if taken], [s for s, taken in seconds if not taken])
    assert weakest <= abs(z) < strongest, sorted(seconds)


def shuffled_attempts(of_each: int, firestore: Client) -> list[Attempt]:
    attempts = [(taken, an_address()) for taken in (False, True) for _ in range(of_each)]
    for taken, address in attempts:
        if taken:
            hold(address, firestore)
    random.shuffle(attempts)
    return attempts


def hold(address: str, firestore: Client) -> None:
    holder = a_stored_user(email=address)
    FirestoreUsers(firestore).add(holder, user_created(holder.user, traceparent=""))


def timed(url: str, attempts: Sequence[Attempt]) -> tuple[list[tuple[float, bool]], list[str]]:
    """The seconds until each answer, and whether the address was taken; then what was refused."""
    with httpx.Client(timeout=30, trust_env=False) as client, ThreadPoolExecutor(AT_ONCE) as pool:

        def attempt(one: Attempt) -> tuple[float, bool, httpx.Response]:
            taken, address = one
            body = members(email=address)
            started = time.monotonic()
            response = client.post(url, json=body)
            return time.monotonic() - started, taken, response

        list(pool.map(attempt, [(False, an_address()) for _ in range(AT_ONCE)]))  # connections are open, all is warm
        answers = []
        for one in attempts:
            answers.append(pool.submit(attempt, one))
            time.sleep(INTERVAL_SECONDS)
        answered = [answer.result() for answer in answers]
    refused = [response.text for _, _, response in answered if response.status_code != HTTPStatus.ACCEPTED]
    return [(seconds, taken) for seconds, taken, _ in answered], refused


def rank_test(some: Sequence[float], others: Sequence[float]) -> float:
    """Mann and Whitney's U as a z-score: below 4 in all but 6 of 100 000 cases if both come from one distribution."""
    wins = sum(one > other for one in some for other in others)
    pairs = len(some) * len(others)
    return (wins - pairs / 2) / sqrt(pairs * (len(some) + len(others) + 1) / 12)
