"""The proxy that gcloud talks through: it answers for every Google API, on loopback, under a certificate of its own."""

import copy
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import tests.deploy.fake_google.apis  # noqa: F401  its import registers the calls
from tests.deploy.fake_google.certificates import write_certificates
from tests.deploy.fake_google.routing import ApiError, Json, Request, answer
from tests.deploy.fake_google.state import State


@dataclass
class Fault:
    """The next `times` calls that match get this answer; no answer at all if `error` is None."""

    method: str
    path_part: str
    error: ApiError | None
    times: int = 1

    def meets(self, request: Request) -> bool:
        return self.times > 0 and self.method == request.method and self.path_part in request.host + request.path


@dataclass(frozen=True)
class Call:
    """A line of the journal."""

    method: str
    address: str
    query: Mapping[str, str]
    body: Any
    code: int


class FakeGoogle:
    """A project on a fake Google Cloud. `journal` tells every call, `unknown` those that the fake cannot answer."""

    def __init__(self, folder: Path, project: str) -> None:
        self.state = State(project)
        self.journal: list[Call] = []
        self.unknown: list[str] = []
        self.faults: list[Fault] = []
        self.ca_file, certificate = write_certificates(folder)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    @contextmanager
    def serving(self) -> Iterator["FakeGoogle"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def saved(self) -> State:
        return copy.deepcopy(self.state)

    def restore(self, state: State) -> None:
        """Go on from a saved state, with an empty journal and no faults."""
        self.state = copy.deepcopy(state)
        self.journal.clear()
        self.unknown.clear()
        self.faults.clear()

    def answer(self, request: Request) -> tuple[int, Json] | None:
        """Code and body, or None where the connection is to break."""
        with self._lock:
            answered = self._answer(request)
            code = answered[0] if answered else 0
            address = request.host + request.path
            self.journal.append(Call(request.method, address, request.query, _readable(request), code))
            return answered

    def _answer(self, request: Request) -> tuple[int, Json] | None:
        if fault := next((fault for fault in self.faults if fault.meets(request)), None):
            fault.times -= 1
            return (fault.error.code, fault.error.body) if fault.error else None
        if not (answered := answer(self.state, request)):
            self.unknown.append(
                f"{request.method} {request.host}{request.path} {request.query} {request.content[:800]!r}"
            )
            return 400, {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "The fake does not know this"}}
        return answered


def _readable(request: Request) -> Any:
    try:
        return request.body
    except ValueError:
        return f"{len(request.content)} bytes"


def _handler_for(google: FakeGoogle) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        target = ""

        def do_CONNECT(self) -> None:
            self.target = self.path.partition(":")[0]
            self.send_response(200)
            self.end_headers()
            self.connection = google.tls.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            query = dict(parse_qsl(parts.query))
            answered = google.answer(Request(self.command, self.target, unquote(parts.path), query, content))
            if answered is None:
                self.close_connection = True
                return
            code, body = answered
            written = body["raw"] if "raw" in body else json.dumps(body).encode()
            self.send_response(code)
            kind = "problem+json" if "code" in body else "json"  # ours, of a function
            self.send_header("Content-Type", f"application/{kind}")
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  http.server's names

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def log_message(self, *_arguments: object) -> None:
            """The journal tells more."""

    return Handler
