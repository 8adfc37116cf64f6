"""Goes the functions' paths with canaries, above all those on which something fails; returns what callers are told."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import httpx
from google.cloud.firestore import Client

from shared.events.codec import Encoding, encode
from shared.events.message import Message
from testkit.builders import a_sign_up_repeated
from testkit.canary import COMPANY, KINDS, NAME, PASSWORD
from testkit.http_server import HttpScript, reply
from testkit.openapi import assert_documented
from testkit.plain_http import http
from testkit.pushing import an_event, push, push_message
from testkit.running_function import RunningFunction
from testkit.signing_up import an_address, members, sign_up
from testkit.smtp_server import Misbehaviour, Reply, Script
from testkit.tcp_proxy import TcpProxy

EVERYTHING = " ".join(KINDS.values())
_JSON = {"Content-Type": "application/json"}

# What a caller may do wrong: the status, then the request.
_REFUSED: list[tuple[int, dict[str, Any]]] = [
    (400, {"content": f'{{"password": "{EVERYTHING}'}),
    (400, {"content": json.dumps(members()), "headers": _JSON | {"Idempotency-Key": EVERYTHING}}),
    (404, {"url": f"users/{EVERYTHING}?email={EVERYTHING}"}),
    (405, {"method": "PUT", "content": EVERYTHING}),
    (405, {"method": "GET", "url": f"?password={EVERYTHING}"}),
    (413, {"content": EVERYTHING * 1000}),
    (415, {"content": EVERYTHING, "headers": {"Content-Type": EVERYTHING}}),
    (422, {"content": json.dumps(dict.fromkeys([*members(), "company", "nickname"], EVERYTHING * 5))}),
    (422, {"content": json.dumps(members(password=PASSWORD[:14]))}),
    (422, {"content": json.dumps(members(email=f"{NAME}@canary.example"))}),
]
_VERBS = ("greeting", "AUTH", "MAIL", "RCPT", "DATA", "end of data")
_SMTP_REFUSALS: list[Mapping[str, Reply]] = [
    *({verb: f"{code}{EVERYTHING}"} for verb in _VERBS for code in ("450 ", "550 ", "")),
    {"end of data": Misbehaviour.DROP},
    {"EHLO": f"550 {EVERYTHING}", "HELO": f"550 {EVERYTHING}"},
]
_SMS_REPLIES: list[bytes | Misbehaviour] = [
    *(reply(f"{status} {EVERYTHING}", {"code": 21617, "message": EVERYTHING}) for status in (400, 401, 429, 500)),
    *(reply("400 Bad Request", content) for content in (EVERYTHING, {"code": EVERYTHING})),
    EVERYTHING.encode(),
    Misbehaviour.DROP,
]
_GOOD = encode(an_event(), Encoding.JSON)
_PERSONAL = f"{NAME} {COMPANY} {an_address()}"  # an event is kept as it came, and no sender has secrets to put into it
_MALFORMED = [
    Message(_PERSONAL.encode(), _GOOD.attributes),
    Message(_GOOD.data, {}),
    Message(_GOOD.data, {**_GOOD.attributes, "ce-type": _PERSONAL}),
    Message(_GOOD.data, {**_GOOD.attributes, "Content-Type": _PERSONAL}),
    Message(_GOOD.data, {**_GOOD.attributes, "ce-id": _PERSONAL, _PERSONAL: _PERSONAL, "traceparent": _PERSONAL}),
    Message(json.dumps({"event_id": _PERSONAL, "email": {_PERSONAL: 1}}).encode(), _GOOD.attributes),
]


def sign_up_in_every_way(create_user: RunningFunction) -> Iterator[httpx.Response]:
    """The two that succeed come first."""
    body, key = members(company=COMPANY), {"Idempotency-Key": str(uuid4())}
    yield from (_ask(create_user, 201, json=body, headers=key) for _ in range(2))
    yield _ask(create_user, 409, json=body)
    yield _ask(create_user, 422, json=body | {"password": PASSWORD + EVERYTHING[:20]}, headers=key)
    for status, request in _REFUSED:
        yield _ask(create_user, status, **{"headers": _JSON, **request})


def send_no_http(function: RunningFunction) -> None:
    """The server itself answers, and may quote to the caller what it could not read."""
    url = httpx.URL(function.url)
    for text in (
        EVERYTHING,
        f"POST / HTTP/1.1\r\n{EVERYTHING}\r\n\r\n",
        f"POST / HTTP/1.1\r\nA: b\r\n {EVERYTHING}\r\n\r\n",
    ):
        with socket.create_connection((url.host, url.port or 0)) as connection:
            connection.sendall(f"{text}\r\n\r\n".encode())
            assert b" 400 " in connection.recv(100)


def push_in_every_way(send_email: RunningFunction, smtp: Script) -> Iterator[httpx.Response]:
    yield push(send_email.url, an_event())
    for smtp.replies in _SMTP_REFUSALS:
        yield push(send_email.url, an_event())
    smtp.replies = {}
    for message in _MALFORMED:
        yield push_message(send_email.url, message)
    for content in (
        _PERSONAL,
        json.dumps({"message": _PERSONAL}),
        json.dumps({"message": {"attributes": {"a": _PERSONAL}}}),
    ):
        for headers in (_JSON, {"Content-Type": "application/cloudevents+json"}, {"ce-id": _PERSONAL}):
            yield http.post(send_email.url, content=content, headers=headers)


def repeat_sign_up(concealing: RunningFunction, send_email: RunningFunction) -> Iterator[httpx.Response]:
    """Two for a taken address, which is concealed, and the mail to its holder."""
    body = members(company=COMPANY)
    yield from (_ask(concealing, 202, json=body) for _ in range(3))
    yield push(send_email.url, a_sign_up_repeated(email=an_address()))


def text_in_every_way(notify_admin: RunningFunction, sms: HttpScript) -> Iterator[httpx.Response]:
    yield push(notify_admin.url, an_event())
    for sms.reply in _SMS_REPLIES:
        yield push(notify_admin.url, an_event())


def go_on_while(
    failing: Callable[[TcpProxy], None],
    proxy: TcpProxy,
    firestore: Client,
    *,
    create_user: RunningFunction,
    relay_outbox: RunningFunction,
    send_email: RunningFunction,
    notify_admin: RunningFunction,
    concealing: RunningFunction,
) -> list[httpx.Response]:
    """Sign up, relay and push, all at once, while what is behind the proxy fails."""
    event = an_event()
    firestore.document("outbox", event.event_id).create(asdict(event))
    failing(proxy)
    with ThreadPoolExecutor(5) as pool:
        answers = [
            pool.submit(sign_up, create_user.url, members(company=COMPANY)),
            pool.submit(sign_up, concealing.url, members(company=COMPANY)),
            pool.submit(httpx.post, relay_outbox.url, timeout=60, trust_env=False),
            pool.submit(push, send_email.url, an_event()),
            pool.submit(push, notify_admin.url, an_event()),
        ]
    proxy.forward()
    return [answer.result() for answer in answers]


def _ask(
    function: RunningFunction, status: int, *, method: str = "POST", url: str = "", **request: Any
) -> httpx.Response:
    response = http.request(method, function.url + url, timeout=30, **request)
    assert response.status_code == status, (request, response.text)
    if url.strip("/") == "":
        assert_documented(response)
    return response
