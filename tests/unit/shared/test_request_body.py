import socket
from time import monotonic

import pytest
from flask import Request, Response
from werkzeug.test import EnvironBuilder

from shared.web import request_body
from shared.web.request_body import SECONDS, drop_body, read_body


def test_work_that_takes_longer_than_a_body_may_leaves_the_connection_open(monkeypatch: pytest.MonkeyPatch) -> None:
    client, connection = socket.socketpair()
    environ = EnvironBuilder(data=b"{}", environ_base={"gunicorn.socket": connection}).get_environ()
    request, response = Request(environ), Response()

    with client, connection:
        body = read_body(request, limit_bytes=2)
        after_the_work = monotonic() + SECONDS + 1
        monkeypatch.setattr(request_body, "monotonic", lambda: after_the_work)
        drop_body(request, response)
        response.close()
        connection.sendall(b"the next answer")

        assert (body, client.recv(99)) == (b"{}", b"the next answer")
