"""
Secrets and personal data stand where the contract names them, and nowhere else.

Besides, answers are checked by every test that signs up (testkit/signing_up.py), and all log lines of all tests once
more at the end of a session (tests/conftest.py).
"""

from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping, Sequence
from email import message_from_bytes, policy

import pytest
from google.cloud.firestore import Client

from blueprint.topology import read_topology
from operations.redrive import command
from operations.redrive.system import EmulatorHosts, connect
from testkit.canary import BCRYPT_HASH, PASSWORD, PEPPERS, SMS_AUTH_TOKEN, SMTP_PASSWORD, kinds_in, leaks
from testkit.http_server import HttpScript, http_serving
from testkit.pushing import an_event
from testkit.running_function import RunFunction
from testkit.signing_up import members, sign_up
from testkit.smtp_server import Script, serving
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy
from tests.end_to_end.leak_paths import (
    a_request,
    go_on_while,
    mail_links_in_every_way,
    prove_mailbox_in_every_way,
    push_in_every_way,
    send_no_http,
    sign_up_in_every_way,
    text_in_every_way,
)
from tests.integration.redrive.gone_wrong import GoneWrong

PERSONAL = {"name", "company", "address"}
MAY_STAND_IN: Mapping[str, set[str]] = {
    "answers of success": PERSONAL,
    "other answers": set(),
    "log lines": set(),
    "users": PERSONAL | {"hash"},
    "email_reservations": set(),
    "outbox": PERSONAL,
    "deliveries": set(),
    "malformed_events": PERSONAL,
    "events": PERSONAL,
    "dead letters": PERSONAL,
    "sign_up_requests": set(),
    "tagged_sign_up_requests": set(),
    "what redrive says": set(),
    "headers of mails": {"address"},  # To
    "bodies of mails": {"name", "token", "address"},  # which the token holds
    "SMTP commands": {"address", "SMTP password"},  # RCPT, AUTH
    "headers of SMS": {"SMS token"},
    "bodies of SMS": set(),  # with SMS_CONTENT=id
}
KINDS_OF_REDRIVE: list[list[str]] = [[], ["--undeliverable"], ["--malformed"], ["--from-users"]]


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param((TcpProxy.tear_replies,), id="replies torn", marks=pytest.mark.sample),
        pytest.param((TcpProxy.refuse, TcpProxy.tear_replies), id="all", marks=pytest.mark.exhaustive),
    ],
)
def test_secrets_and_personal_data_are_only_where_they_may(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    firestore_proxy: TcpProxy,
    broker_proxy: TcpProxy,
    monkeypatch: pytest.MonkeyPatch,
    faults: Sequence[Callable[[TcpProxy], None]],
) -> None:
    project = firestore_client.project
    stack.push_events_of(project)
    monkeypatch.setattr("operations.brokers.pubsub._WAIT_SECONDS", 0.5)
    at_broker = stack.broker.settings_at(broker_proxy.address)
    hosts = {"FIRESTORE_EMULATOR_HOST": firestore_proxy.address, **at_broker}
    emulators = EmulatorHosts(
        firestore=firestore_proxy.address, pubsub=broker_proxy.address, nats_url=at_broker.get("NATS_URL", "")
    )
    with serving(Script(extensions=("AUTH PLAIN",))) as smtp, http_serving(HttpScript()) as sms:
        system = connect(project, read_topology().events, emulators)
        gone_wrong = GoneWrong(system, stack.broker, stack.broker.witness(project))
        functions = {
            "create_user": run_function("create_user", **hosts),
            "relay_outbox": run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0", **hosts),
            "send_email": run_function(
                "send_email", SMTP_PORT=str(smtp.port), SMTP_USER="usher", SMTP_PASSWORD=SMTP_PASSWORD, **hosts
            ),
            "notify_admin": run_function(
                "notify_admin", SMS_BASE_URL=f"http://127.0.0.1:{sms.port}", SMS_AUTH_TOKEN=SMS_AUTH_TOKEN, **hosts
            ),
            "verifying": run_function("create_user", VERIFY_EMAIL="true", **hosts),
        }

        created, repeated, *answers = sign_up_in_every_way(functions["create_user"])
        answers += push_in_every_way(functions["send_email"], smtp)
        proved, proved_again, *more = prove_mailbox_in_every_way(functions["verifying"])
        answers += more
        answers += mail_links_in_every_way(functions["send_email"], smtp)
        answers += text_in_every_way(functions["notify_admin"], sms)
        for proxy in (broker_proxy, firestore_proxy):
            for failing in faults:
                answers += go_on_while(failing, proxy, firestore_client, **functions)
        for function in functions.values():
            send_no_http(function)
        for event in (an_event(), a_request()):
            gone_wrong.a_dead_letter(event)
        places: dict[str, Iterable[object]] = {
            "dead letters": gone_wrong.dead_letters(),
            "events": gone_wrong.on_topic(),
            **{each.id: [document.to_dict() for document in each.get()] for each in firestore_client.collections()},
        }
        gone_wrong.a_dead_letter(an_event())
        said = [line for options in KINDS_OF_REDRIVE for line in redrive(project, emulators, *options)]

    mails = [message_from_bytes(mail, policy=policy.SMTP) for mail in smtp.mails]
    places |= {
        "answers of success": [each.text for each in (created, repeated, proved, proved_again)],
        "other answers": [text for each in answers if each.status_code != 201 for text in (each.text, each.headers)],
        "log lines": stack.log_lines(),
        "what redrive says": said,
        "headers of mails": [mail.items() for mail in mails],
        "bodies of mails": [part.get_content() for mail in mails for part in mail.iter_parts()],
        "SMTP commands": smtp.commands,
        "headers of SMS": [request.headers.items() for request in sms.requests],
        "bodies of SMS": [request.body for request in sms.requests],
    }
    assert all(places.values()), "some place was not looked at"
    found = {place: set().union(*(kinds_in(str(each)) for each in texts)) for place, texts in places.items()}
    assert found == MAY_STAND_IN


def redrive(project: str, emulators: EmulatorHosts, *options: str) -> list[str]:
    """What the command says."""
    parser, said = ArgumentParser(), list[str]()
    command.add_arguments(parser)
    command.redrive(parser.parse_args(options), project=project, emulators=emulators, say=said.append)
    return said


def test_secret_that_stops_the_start_is_not_shown(stack: LocalStack, run_function: RunFunction) -> None:
    for name in ("PASSWORD_PEPPERS", "LINK_KEYS"):
        with pytest.raises(AssertionError, match=name):
            run_function("create_user", VERIFY_EMAIL="true", **{name: "canary"})

    assert leaks(stack.log_lines()) == []


def test_user_is_stored_with_a_hash_and_without_the_password(stack: LocalStack, stack_firestore: Client) -> None:
    user = sign_up(stack.create_user_url, members()).json()

    stored = stack_firestore.document("users", user["id"]).get().to_dict()
    assert stored is not None
    assert stored["password"]["hash"].startswith(BCRYPT_HASH)
    assert stored["password"]["scheme"] == "bcrypt-hmac-sha384"
    assert PASSWORD not in str(stored)
    assert PEPPERS not in str(stored)
