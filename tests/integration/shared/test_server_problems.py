"""What the functions' HTTP server refuses by itself is a problem document, too, and quotes nothing."""

import socket
from http.client import HTTPResponse
from urllib.parse import urlsplit

import httpx
import pytest

from testkit.openapi import assert_documented
from testkit.running_function import RunFunction
from testkit.stack import LocalStack

HEAD = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
REFUSED = {
    "no HTTP": ("canary\r\n\r\n", 400, "malformed-request"),
    "TLS": ("\x16\x03\x01\x02\x00canary\r\n\r\n", 400, "malformed-request"),
    "method": ("can\0ary / HTTP/1.1\r\n\r\n", 400, "malformed-request"),
    "version": ("POST /canary HTTP/9.9\r\n\r\n", 400, "malformed-request"),
    "header": (f"{HEAD}Canary header: 1\r\n\r\n", 400, "malformed-request"),
    "two lengths": (f"{HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "malformed-request"),
    "scheme": (f"{HEAD}X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off\r\n\r\n", 400, "malformed-request"),
    "expectation": (f"{HEAD}Expect: canary\r\n\r\n", 417, "expectation-failed"),
    "large header": (f"{HEAD}X: {'canary' * 2000}\r\n\r\n", 431, "headers-too-large"),
    "many headers": (HEAD + "X: canary\r\n" * 101 + "\r\n", 431, "headers-too-large"),
    "coding": (f"{HEAD}Transfer-Encoding: canary\r\n\r\n", 501, "unsupported-transfer-encoding"),
}


@pytest.mark.parametrize(("request_", "status", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_request_that_the_server_refuses_gets_a_documented_problem(
    stack: LocalStack, request_: str, status: int, code: str
) -> None:
    response = response_to(request_, stack.create_user_url)

    assert (response.status_code, response.json()["status"], response.json()["code"]) == (status, status, code)
    assert response.headers["Connection"] == "close"
    assert "canary" not in response.text.lower()
    assert_documented(response)


@pytest.mark.parametrize("name", ["create_user", "relay_outbox", "send_email", "audit"])
def test_functions_bring_these_documents_with_them(run_function: RunFunction, name: str) -> None:
    function = run_function(name)  # as the platform starts it

    assert response_to("canary\r\n\r\n", function.url).json()["code"] == "malformed-request"


def response_to(request: str, url: str) -> httpx.Response:
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(request.encode("latin-1"))
        reply = HTTPResponse(connection)
        reply.begin()
        return httpx.Response(
            reply.status, headers=reply.getheaders(), content=reply.read(), request=httpx.Request("POST", url)
        )
