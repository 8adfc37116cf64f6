"""
Nothing secret or personal where it does not belong. Answers are checked by every test that signs up
(tests/signing_up.py), and once more all log lines at the end of a session (tests/conftest.py).
"""

from dataclasses import asdict

import httpx
import pytest
from google.cloud.firestore import Client

from shared.events.codec import Encoding, Message, encode
from tests.canary import BCRYPT_HASH, PASSWORD, PEPPERS, leaks
from tests.inbox import Inbox
from tests.pushing import an_event, push, push_message
from tests.relaying import relay
from tests.running_function import RunFunction
from tests.signing_up import members, sign_up
from tests.stack import LocalStack
from tests.tcp_proxy import TcpProxy


def test_log_lines_hold_no_secret_and_nothing_personal(
    stack: LocalStack, firestore_client: Client, run_function: RunFunction, firestore_proxy: TcpProxy
) -> None:
    fragile = run_function("create_user", FIRESTORE_EMULATOR_HOST=firestore_proxy.address)
    mailless = run_function("send_email", SMTP_PORT="1")
    relay_outbox = run_function("relay_outbox")
    event = an_event()
    firestore_client.document("outbox", event.event_id).create(asdict(event))
    firestore_proxy.refuse()

    statuses = [
        sign_up(stack.create_user_url, body := members()).status_code,
        sign_up(stack.create_user_url, body).status_code,
        sign_up(stack.create_user_url, members(name="", email="canary")).status_code,
        sign_up(fragile.url, members()).status_code,
        httpx.post(stack.create_user_url, content=b'{"password": "canary', trust_env=False).status_code,
        push(mailless.url, event).status_code,
        push_message(mailless.url, Message(b"canary", encode(event, Encoding.JSON).attributes)).status_code,
        push_message(mailless.url, Message(b"canary", {})).status_code,
    ]
    relay(relay_outbox.url)

    lines = stack.log_lines()
    assert statuses == [201, 409, 422, 503, 415, 503, 200, 200]
    for written in ("user_registered", "request_rejected", "request_failed", "mail_retried", "event_rejected"):
        assert any(f'"message": "{written}"' in line for line in lines)
    assert leaks(lines) == []


@pytest.mark.parametrize("setting", ["PASSWORD_PEPPERS", "BCRYPT_ROUNDS"])
def test_settings_that_stop_the_start_are_not_shown(stack: LocalStack, run_function: RunFunction, setting: str) -> None:
    with pytest.raises(AssertionError, match=setting):
        run_function("create_user", **{setting: "canary"})

    assert leaks(stack.log_lines()) == []


def test_mail_holds_neither_password_nor_hash(stack: LocalStack, inbox: Inbox) -> None:
    body = members()
    sign_up(stack.create_user_url, body)

    mail = inbox.wait_for_mail_to(str(body["email"])).as_string()

    assert not any(secret in mail for secret in (PASSWORD, PEPPERS, BCRYPT_HASH))


def test_user_is_stored_with_a_hash_and_without_the_password(stack: LocalStack, stack_firestore: Client) -> None:
    user = sign_up(stack.create_user_url, members()).json()

    stored = stack_firestore.document("users", user["id"]).get().to_dict()
    assert stored is not None
    assert stored["password"]["hash"].startswith(BCRYPT_HASH)
    assert stored["password"]["scheme"] == "bcrypt-hmac-sha384"
    assert PASSWORD not in str(stored)
    assert PEPPERS not in str(stored)
