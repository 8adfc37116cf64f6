"""Signs users up as a caller does, and checks that each answer is a documented one and gives nothing away."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from uuid import uuid4

import httpx

from testkit.canary import BCRYPT_HASH, PASSWORD, PEPPERS, leaks
from testkit.openapi import assert_documented
from testkit.plain_http import http

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
_ECHOES_MEMBERS = {HTTPStatus.CREATED, HTTPStatus.UNPROCESSABLE_ENTITY}


def an_address() -> str:
    return f"ewan.{uuid4().hex}@canary.example"


def members(**changes: object) -> dict[str, object]:
    return {"name": "Ewan Canary", "email": an_address(), "password": PASSWORD, **changes}


def members_beside(token: str, **changes: object) -> dict[str, object]:
    """What is posted with a link's token: the address comes from that."""
    return {"token": token, "name": "Ewan Canary", "password": PASSWORD, **changes}


def request_sign_up(url: str, address: str) -> httpx.Response:
    """POST the address alone, for a link."""
    response = http.post(f"{url}sign-ups", json={"email": address}, timeout=30)
    assert_documented(response)
    assert leaks([response.text, *response.headers.values()]) == []
    return response


def sign_up(url: str, body: Mapping[str, object], *, key: str | None = None) -> httpx.Response:
    """POST the members; `key` is the Idempotency-Key."""
    headers = {"traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01"} | ({"Idempotency-Key": key} if key else {})
    response = http.post(url, json=body, headers=headers, timeout=30)
    assert_documented(response)
    answer = [response.text, *response.headers.values()]
    if response.status_code in _ECHOES_MEMBERS:
        secrets = {str(body[name]) for name in ("password", "token") if name in body} | {PEPPERS, BCRYPT_HASH}
        assert not any(secret in text for secret in secrets for text in answer)
    else:
        assert leaks(answer) == []
    return response


def sign_up_at_once(url: str, bodies: list[dict[str, object]], *, key: str | None = None) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(lambda body: sign_up(url, body, key=key), bodies))
