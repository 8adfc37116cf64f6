"""What a page of another site, in the browser of whoever runs a NATS server, can make of it."""

import socket
from pathlib import Path

import pytest

from shared.broker.nats_names import subject_of
from testkit.brokers.running_broker import TOPIC
from testkit.brokers.running_nats import RunningNats
from testkit.nats_server import NatsServer
from testkit.polling import eventually

PROJECT = "test-pages"
LINES = f"CONNECT {{}}\r\nPUB {subject_of(PROJECT, TOPIC)} 5\r\nhello\r\nPING\r\n"


def sent(server: NatsServer, text: str) -> str:
    """What the server sends until it ends the connection, or has answered the PING."""
    host, _, port = server.address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(text.encode())
        received = b""
        while b"PONG" not in received and (more := connection.recv(4096)):
            received += more
    return received.decode()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS"])
def test_http_request_whose_body_publishes_stores_nothing(method: str, tmp_path: Path) -> None:
    request = f"{method} / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(LINES)}\r\n\r\n{LINES}"
    with NatsServer.running() as server:
        broker = RunningNats(server.url, tmp_path)
        stored = broker.witness(PROJECT)

        answered = sent(server, request)
        assert "Unknown Protocol Operation" in answered
        assert "PONG" not in answered
        assert stored.messages() == []

        assert "PONG" in sent(server, LINES)  # the lines alone do publish
        assert eventually(lambda: len(stored.messages()) == 1)
