"""Goes the functions' paths with canaries, above all those on which something fails; returns what callers are told."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from google.cloud.firestore import Client

from shared.events.codec import Encoding, encode
from shared.events.message import Message
from shared.events.sign_up_requested import SignUpRequested
from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.builders import a_sign_up_repeated, a_sign_up_requested
from testkit.canary import COMPANY, KINDS, LINK_KEYS, NAME, PASSWORD
from testkit.http_server import HttpScript, reply
from testkit.openapi import assert_documented
from testkit.plain_http import http
from testkit.pushing import an_event, push, push_message
from testkit.running_function import RunningFunction
from testkit.signing_up import an_address, members, members_beside, request_sign_up, sign_up
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


def a_request() -> SignUpRequested:
    return a_sign_up_requested(email=an_address(), occurred_at=datetime.now(UTC))


def a_token(event: SignUpRequested | None = None, *, age: timedelta = timedelta(), keys: str = LINK_KEYS) -> str:
    event = event or a_request()
    return SignUpLink.requested_at(event.occurred_at - age, event.email).token(VersionedSecrets.parse(keys))


def prove_mailbox_in_every_way(verifying: RunningFunction) -> Iterator[httpx.Response]:
    """The two that succeed come first."""
    event, key = a_request(), {"Idempotency-Key": str(uuid4())}
    token = a_token(event)
    body = members_beside(token, company=COMPANY)
    yield from (_ask(verifying, 201, json=body, headers=key) for _ in range(2))
    for address in (event.email, event.email, an_address(), an_address().replace("@", "+tag@")):
        yield _ask(verifying, 202, url="sign-ups", json={"email": address})
    yield _ask(verifying, 409, json=body)
    yield _ask(verifying, 422, json=body | {"name": "Another"}, headers=key)
    yield _ask(verifying, 400, json=body | {"token": token[:-4]})
    yield _ask(verifying, 400, json=body | {"token": f"{token} {EVERYTHING}"})
    yield _ask(verifying, 400, json=body | {"token": a_token(keys=f"1:{'another-key' * 4}")})
    yield _ask(verifying, 400, json=body | {"token": a_token(age=timedelta(hours=-25))})
    yield _ask(verifying, 410, json=body | {"token": a_token(keys=LINK_KEYS.replace("1:", "2:"))})
    yield _ask(verifying, 410, json=body | {"token": a_token(age=timedelta(hours=25))})
    yield _ask(verifying, 422, json=body | {"token": [token]})
    yield _ask(verifying, 422, json=body | {"email": token, "name": token * 3})
    yield _ask(verifying, 422, json=members_beside(a_token(), password=token[:14]))
    yield _ask(verifying, 400, json=body, headers={"Idempotency-Key": token})
    yield _ask(verifying, 422, url="sign-ups", json={"email": token})
    yield _ask(verifying, 422, url="sign-ups", json={"email": an_address(), "token": token})
    for status, method, url in (
        (200, "GET", f"sign-up?{token}"),
        (405, "POST", f"sign-up?{token}"),
        (404, "GET", f"sign-up/{token}"),
        (405, "GET", f"sign-ups?token={token}"),
    ):
        yield _ask(verifying, status, method=method, url=url, headers={"Referer": f"{verifying.url}sign-up#{token}"})


def mail_links_in_every_way(send_email: RunningFunction, smtp: Script) -> Iterator[httpx.Response]:
    """Links, also one that has ended, and the note to whoever holds an address."""
    event = a_request()
    yield push(send_email.url, a_sign_up_repeated(email=an_address()))
    yield push(send_email.url, replace(event, occurred_at=event.occurred_at - timedelta(days=2)))
    for smtp.replies in _SMTP_REFUSALS[::4]:
        yield push(send_email.url, a_request())
    smtp.replies = {}
    yield push(send_email.url, a_request())


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
    verifying: RunningFunction,
) -> list[httpx.Response]:
    """Sign up, relay and push, all at once, while what is behind the proxy fails."""
    event = an_event()
    firestore.document("outbox", event.event_id).create(asdict(event))
    failing(proxy)
    with ThreadPoolExecutor(6) as pool:
        answers = [
            pool.submit(sign_up, create_user.url, members(company=COMPANY)),
            pool.submit(sign_up, verifying.url, members_beside(a_token())),
            pool.submit(request_sign_up, verifying.url, an_address()),
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
    if url.strip("/") in {"", "sign-ups"}:
        assert_documented(response)
    return response
