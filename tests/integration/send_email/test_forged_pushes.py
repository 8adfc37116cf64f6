"""Whatever is pushed is acknowledged and recorded: no 500, no traceback, nothing lost and no mail."""

import json
import socket
from dataclasses import replace
from itertools import product
from urllib.parse import SplitResult, urlsplit
from uuid import uuid4

import pytest
from google.cloud.firestore import Client

from shared.events.codec import Encoding, encode
from shared.events.message import Message
from testkit.inbox import Inbox
from testkit.plain_http import http
from testkit.pushing import EVENTARC_HEADERS, TOPIC, an_event, body_of, push_message
from testkit.running_function import RunFunction
from testkit.stack import LocalStack

JSON = {"Content-Type": "application/json"}
PATHS = ["", "projects/usher/topics/user.created", "projects/other/topics/another"]
HEADERS = [JSON, JSON | EVENTARC_HEADERS, JSON | EVENTARC_HEADERS | {"ce-specversion": "9", "ce-type": "evil"}]
BODIES = [
    b"",
    b"no json",
    b"\xff\xfe",
    b"[5]",
    b"[" * 100_000,
    b'{"message": ' * 30_000,
    b'{"message": {}}',
    b'{"message": {"data": "no base64!", "messageId": "1"}, "subscription": "s"}',
    b'{"message": {"data": "\\ud800", "messageId": "1"}, "subscription": "s"}',
    b'{"message": {"data": "AAAA", "messageId": "1", "attributes": []}, "subscription": "s"}',
    b'{"message": {"data": "' + b"AAAA" * 1_000_000 + b'", "messageId": "1"}, "subscription": "s"}',
    b'{"context": 5, "data": {}}',
    b'{"context": {"eventType": "google.pubsub.topic.publish"}, "data": 5}',
]
GOOD = encode(an_event(), Encoding.JSON)
MESSAGES = [
    Message(GOOD.data, {}),
    Message(GOOD.data, {"ce-type": "user.created"}),
    *(replace(GOOD, attributes={**GOOD.attributes, "ce-id": wrong}) for wrong in ("1", "../users/1", str(uuid4()))),
    *(replace(GOOD, data=GOOD.data.replace(b'_id": "', b'_id": "' + wrong)) for wrong in (b"../", b"__", b"%2e/")),
    replace(GOOD, attributes={f"{number:03}" * 85: "x" * 1024 for number in range(100)}),
    replace(GOOD, attributes={"ce-type": "x" * 2_000_000, "": "", "\N{NULL}": "\N{NULL}", ".": "/"}),
]


@pytest.mark.parametrize(
    "paths", [pytest.param(PATHS[1:2], marks=pytest.mark.sample), pytest.param(PATHS, marks=pytest.mark.exhaustive)]
)
def test_garbage_is_acknowledged_and_recorded(
    run_function: RunFunction, firestore_client: Client, paths: list[str]
) -> None:
    function = run_function("send_email")

    answers = [
        http.post(function.url + path, content=body, headers=headers, timeout=30)
        for path, headers, body in product(paths, HEADERS, BODIES)
    ]

    assert [answer for answer in answers if not answer.is_success] == []
    assert_recorded(function.log_lines(), firestore_client, len(answers))
    assert_unmoved(function.log_lines(), firestore_client)


def test_forged_message_is_acknowledged_and_recorded(run_function: RunFunction, firestore_client: Client) -> None:
    function = run_function("send_email")

    answers = [push_message(function.url, message) for message in MESSAGES]

    assert [answer for answer in answers if not answer.is_success] == []
    assert_recorded(function.log_lines(), firestore_client, len(answers))
    assert_unmoved(function.log_lines(), firestore_client)


def assert_recorded(log_lines: list[str], firestore: Client, pushes: int) -> None:
    """That the log names a record for each push. Pushes of the same message share one."""
    named = [json.loads(line)["record"] for line in log_lines if '"event_rejected"' in line]
    assert len(named) == pushes
    assert {each.id for each in firestore.collection("malformed_events").get()} == set(named)


def assert_unmoved(log_lines: list[str], firestore: Client) -> None:
    """That no exception reached the log and no delivery was begun."""
    assert [line for line in log_lines if "Traceback" in line] == []
    assert firestore.collection("deliveries").get() == []


def test_push_that_is_cut_off_is_neither_acknowledged_nor_recorded(
    run_function: RunFunction, firestore_client: Client
) -> None:
    function = run_function("send_email")

    statuses = [status_of_cut_off_push(urlsplit(function.url), path) for path in PATHS]

    assert statuses == [400] * len(PATHS)
    assert firestore_client.collection("malformed_events").get() == []


def status_of_cut_off_push(url: SplitResult, path: str) -> int:
    body = json.dumps(body_of(GOOD)).encode()
    headers = f"Host: usher\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    with socket.create_connection((url.hostname, url.port), timeout=30) as connection:
        connection.sendall(f"POST /{path} HTTP/1.1\r\n{headers}\r\n\r\n".encode() + body[:-20])
        connection.shutdown(socket.SHUT_WR)
        return int(connection.makefile("rb").readline().split()[1])


@pytest.mark.parametrize("form", [{}, EVENTARC_HEADERS], ids=["raw", "from eventarc"])
@pytest.mark.parametrize(
    "content_type",
    [
        {},
        *({"Content-Type": each} for each in ("text/plain", "application/x-www-form-urlencoded", "no type")),
        *({"Content-Type": f"application/{each}"} for each in ("json; charset=utf-16", "cloudevents+json")),
    ],
    ids=str,
)
def test_push_is_acted_on_or_recorded_whatever_its_content_type_says(
    stack: LocalStack, stack_firestore: Client, inbox: Inbox, form: dict[str, str], content_type: dict[str, str]
) -> None:
    event, garbage = an_event(), uuid4().hex.encode()
    good = json.dumps(body_of(encode(event, Encoding.JSON))).encode()
    url = f"{stack.send_email_url}{'' if form else TOPIC}"

    answers = [http.post(url, content=body, headers=form | content_type) for body in (good, garbage)]

    recorded = [record.get("data") for record in stack_firestore.collection("malformed_events").get()]
    assert all(answer.is_success for answer in answers)
    assert inbox.wait_for_mail_to(event.email)
    assert (garbage in recorded, good in recorded) == (True, False)
