"""create_user while Pub/Sub is down or silent."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.cloud.firestore import Client

from testkit.running_function import RunFunction
from testkit.signing_up import TRACE_ID, members, sign_up
from testkit.tcp_proxy import TcpProxy


@pytest.mark.parametrize("fault", [TcpProxy.refuse, TcpProxy.blackhole])
def test_sign_up_while_pubsub_does_not_answer_succeeds_and_leaves_its_event_in_the_outbox(
    run_function: RunFunction,
    firestore_client: Client,
    pubsub_proxy: TcpProxy,
    fault: Callable[[TcpProxy], None],
) -> None:
    create_user = run_function("create_user", PUBSUB_EMULATOR_HOST=pubsub_proxy.address)
    fault(pubsub_proxy)

    with ThreadPoolExecutor() as pool:
        responses = list(pool.map(lambda _: sign_up(create_user.url, members()), range(5)))
    started = time.monotonic()
    responses += [sign_up(create_user.url, members()) for _ in range(4)]
    seconds = time.monotonic() - started

    entries = firestore_client.collection("outbox").get()
    assert [response.status_code for response in responses] == [201] * 9
    assert {entry.get("user_id") for entry in entries} == {response.json()["id"] for response in responses}
    assert all(TRACE_ID in entry.get("traceparent") for entry in entries)
    assert seconds < 4  # only the first five wait: their channel is cold
