"""The local stack on a NATS server of its own, or on one that it is given: trouble, crashes and what is shown."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from secrets import token_hex
from typing import Any, cast

import httpx
import pytest

from emulator.nats.local_server import LocalNatsServer
from emulator.processes.ports import Ports
from emulator.terminal.terminal import Terminal
from testkit.inbox import Inbox
from testkit.nats_server import NatsServer
from testkit.plain_http import http
from testkit.polling import eventually
from testkit.pusher_process import PUSH_SETTINGS
from testkit.signing_up import members, sign_up
from testkit.stack import LocalStack
from tests.integration.emulator.processes import alive, processes

ATTEMPTS = 3


def settings(emulators: Mapping[str, str], **more: str) -> dict[str, str]:
    return {
        "EVENT_BROKER": "nats",
        "GOOGLE_CLOUD_PROJECT": f"test-{token_hex(8)}",
        "FIRESTORE_EMULATOR_HOST": emulators["FIRESTORE_EMULATOR_HOST"],
        "BCRYPT_ROUNDS": "10",
        "OUTBOX_GRACE_SECONDS": "1",
        **PUSH_SETTINGS,
        **more,
    }


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory, emulators: Mapping[str, str]) -> Iterator[LocalStack]:
    """A stack with a server of its own, which gives an event up after few attempts."""
    environment = settings(emulators, PUSH_MAX_DELIVERY_ATTEMPTS=str(ATTEMPTS))
    stack = LocalStack(tmp_path_factory.mktemp("own"), environment)
    stack.wait_until_ready()
    yield stack
    assert "Traceback" not in stack.log.read_text()
    stack.kill()


def put(stack: LocalStack, switch: str, position: str) -> httpx.Response:
    return http.post(f"{stack.ui_url}api/trouble/switches/{switch}", json={"position": position})


def state_of(stack: LocalStack, part: str) -> str:
    state: str = http.get(f"{stack.ui_url}api/status").json()["parts"][part]["state"]
    return state


def trouble(stack: LocalStack) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"{stack.ui_url}api/trouble").raise_for_status().json()
    return found


def journey(stack: LocalStack, who: str) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"{stack.ui_url}api/journey", params={"of": who}).json()
    return found


def signed_up(stack: LocalStack) -> str:
    """The address of a new user."""
    body = members()
    assert sign_up(stack.create_user_url, body).status_code == 201
    return str(body["email"])


def child(stack: LocalStack, part_of_command: str) -> int:
    [pid] = [
        each.pid
        for each in processes().values()
        if each.parent == stack.process.pid and part_of_command in each.command
    ]
    return pid


def test_event_waits_in_the_outbox_while_nats_is_unreachable(own_server: LocalStack) -> None:
    assert put(own_server, "nats", "unreachable").is_success
    try:
        assert state_of(own_server, "nats") == "paused"
        address = signed_up(own_server)
        assert trouble(own_server)["counts"]["dead_letters"] is None  # nobody knows
        assert eventually(lambda: journey(own_server, address)["state"] == "waiting")
        assert "the message broker is not responding" in str(journey(own_server, address)["steps"])
    finally:
        assert put(own_server, "nats", "up").is_success

    Inbox(own_server.ui_url).wait_for_mail_to(address)
    assert eventually(own_server.is_ready)


def test_dead_letter_is_seen_without_being_taken_and_put_back(own_server: LocalStack) -> None:
    assert put(own_server, "mail_server", "down").is_success
    try:
        address = signed_up(own_server)
        assert eventually(lambda: trouble(own_server)["counts"]["dead_letters"] == 1)
        [letter] = trouble(own_server)["dead_letters"]
        assert (letter["email"], letter["subscriber"]) == (address, "send_email")
        assert letter["reason"] == f"given up after {ATTEMPTS} attempts: the mail server is not responding"
        assert eventually(lambda: journey(own_server, address)["state"] == "failed")
        assert "given up" in {step["name"] for step in journey(own_server, address)["steps"]}
    finally:
        assert put(own_server, "mail_server", "up").is_success

    redriven = http.post(f"{own_server.ui_url}api/trouble/redrive", json={"kind": "dead_letters"}, timeout=30)

    assert redriven.json()["complete"], redriven.json()["output"]
    Inbox(own_server.ui_url).wait_for_mail_to(address)
    assert trouble(own_server)["counts"]["dead_letters"] == 0
    assert eventually(lambda: journey(own_server, address)["state"] == "complete")


@pytest.mark.parametrize("victim", ["nats-server", "-m pusher"])
def test_no_event_is_lost_when_the_server_or_the_pusher_is_killed_under_load(
    victim: str, own_server: LocalStack
) -> None:
    assert eventually(own_server.is_ready)
    with ThreadPoolExecutor(4) as pool:
        signing_up = [pool.submit(signed_up, own_server) for _ in range(20)]
        addresses = [signing_up.pop(0).result()]
        os.kill(child(own_server, victim), signal.SIGKILL)
        addresses += [each.result() for each in signing_up]

    inbox = Inbox(own_server.ui_url)
    for address in addresses:
        inbox.wait_for_mail_to(address)
    assert inbox.duplicates() == []
    assert eventually(own_server.is_ready)


def test_server_that_is_given_is_used_as_it_is_and_its_password_shown_nowhere(
    tmp_path: Path, emulators: Mapping[str, str]
) -> None:
    with NatsServer.running() as server:
        url = f"nats://me:canary-of-nats@{server.address}"  # pragma: allowlist secret
        stack = LocalStack(tmp_path, settings(emulators, NATS_URL=url))
        try:
            stack.wait_until_ready()
            assert f"Using the NATS server at {server.address}, because NATS_URL is set" in stack.log.read_text()
            Inbox(stack.ui_url).wait_for_mail_to(signed_up(stack))
            refused = put(stack, "nats", "unreachable")
            assert (refused.status_code, "was not started by this stack" in refused.text) == (409, True)

            status = [sys.executable, "-m", "emulator", "status", "--base-port", str(stack.ports.base)]
            shown = subprocess.run(status, cwd=stack.root, capture_output=True, text=True, check=True).stdout
            assert "NATS server " in shown
            assert "pusher " in shown
            pids = [each.pid for each in processes().values() if each.parent == stack.process.pid]
            server.kill()
            assert eventually(lambda: state_of(stack, "nats") == "not responding")
            server.start()
            assert eventually(stack.is_ready)

            commands = [each.command for each in processes().values()]
            told = http.get(f"{stack.ui_url}api/status").text
            assert "canary-of-nats" not in "".join([*commands, *stack.log_lines(), shown, told])
        finally:
            stack.kill()  # as SIGKILL does
        assert eventually(lambda: not alive(pids))


def test_no_server_where_one_is_given_is_one_sentence_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.nats.local_server._START_SECONDS", 0.2)
    server = LocalNatsServer(Ports(22080), {"NATS_URL": "nats://me:canary@127.0.0.1:9"})

    async def start() -> None:
        async with asyncio.TaskGroup() as tasks:
            await server.start(tasks, cast("Any", "nothing is run in it"), Terminal(StringIO(), StringIO()))

    with pytest.raises(ExceptionGroup) as told:
        asyncio.run(start())

    [error] = told.value.exceptions
    assert str(error) == (
        "NATS_URL is set to 127.0.0.1:9, where no NATS server is responding: start it there, or unset the variable to "
        "let the stack start its own."
    )
