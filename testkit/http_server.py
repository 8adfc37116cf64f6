"""An HTTP server that answers as it is told."""

import json
import socket
import socketserver
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any, cast

from testkit.smtp_server import Misbehaviour, running


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    line: str
    headers: Message
    body: bytes
    at: float = field(default_factory=time.monotonic)


def reply(status: str, content: object) -> bytes:
    """A whole reply; `status` is a code and its phrase."""
    body = json.dumps(content).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


Reply = bytes | Misbehaviour
_CREATED = reply("201 Created", {"sid": "SM1"})


@dataclass
class HttpScript:
    """
    Bytes to answer each request with, after which the server hangs up, or what it does instead.

    A function gives a reply of its own to each request, and may take its time.
    """

    reply: Reply | Callable[[Received], Reply] = _CREATED
    tls: ssl.SSLContext | None = None
    requests: list[Received] = field(default_factory=list)
    port: int = 0


class _Server(socketserver.ThreadingTCPServer):
    request_queue_size = 100  # of five, the sixth who connects at once waits for a second

    def __init__(self, script: HttpScript) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.script = script

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.script.tls:  # the handshake comes with the first read, on the connection's own thread
            return self.script.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address
        return connection, address


class _Connection(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        script = cast(_Server, self.server).script
        with suppress(OSError):
            line = self.rfile.readline().decode("latin-1").strip()
            if not line.endswith("HTTP/1.1"):
                return
            headers = BytesHeaderParser().parsebytes(b"".join(iter(self.rfile.readline, b"\r\n")))
            received = Received(line, headers, self.rfile.read(int(headers["Content-Length"])))
            script.requests.append(received)
            match script.reply(received) if callable(script.reply) else script.reply:
                case Misbehaviour.DROP:
                    return
                case Misbehaviour.HANG:
                    self.rfile.read()
                case Misbehaviour.DRIBBLE:
                    while True:
                        self.wfile.write(b"x")
                        time.sleep(0.02)
                case answer:
                    self.wfile.write(answer)


@contextmanager
def http_serving(script: HttpScript) -> Iterator[HttpScript]:
    """Serve the script on `script.port`."""
    with running(_Server(script)) as script.port:
        yield script
