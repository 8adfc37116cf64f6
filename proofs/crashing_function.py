"""
Runs a function under functions-framework, and dies where it is told to, as a crash does: without clean-up.

Every side effect is a point: an RPC (`rpc:Commit#1`), a step of SMTP (`smtp:MAIL#1`, `smtp:reply to MAIL#1`), an SMS
(`sms:request#1`, `sms:reply#1`), a publish on NATS (`nats:publish#1`) and the HTTP reply. Each moment, `before` or
`after` a point, becomes a line of the file `--moments`: a run lists its own points. The process ends when it reaches
the moment `--crash-at` for the first time; gunicorn starts the next worker.
"""

import argparse
import os
import smtplib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Lock
from typing import Any
from unittest.mock import patch

import functions_framework
import grpc  # type: ignore[import-untyped]  # grpcio brings no types
from functions_framework._http import create_server
from nats.js.client import JetStreamContext

KILLED = 137


class Moments:
    """Records the moments a process passes, and ends it at one of them."""

    def __init__(self, file: Path, crash_at: str | None) -> None:
        self._file = file
        self._crash_at = crash_at
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def around(self, effect: str) -> Iterator[None]:
        with self._lock:
            self._counts[effect] += 1
            point = f"{effect}#{self._counts[effect]}"
            self._reach(f"before {point}")
        try:
            yield
        finally:
            with self._lock:
                self._reach(f"after {point}")

    def _reach(self, moment: str) -> None:
        passed = self._file.read_text().splitlines()
        with self._file.open("a") as file:
            file.write(f"{moment}\n")
        if moment == self._crash_at and moment not in passed:
            os._exit(KILLED)


class RpcPoints(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc]  # no types
    """Makes every RPC of a channel a point; a stream's reply has come when it has ended."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: object) -> Any:
        with self._moments.around(_rpc(details)):
            return continuation(details, request)

    def intercept_unary_stream(
        self, continuation: Callable[..., Any], details: Any, request: object
    ) -> Iterator[object]:
        with self._moments.around(_rpc(details)):
            yield from continuation(details, request)


def _rpc(details: Any) -> str:
    return f"rpc:{details.method.rpartition('/')[2]}"


def smtp_with_points(moments: Moments) -> type[smtplib.SMTP]:
    class Smtp(smtplib.SMTP):
        _sent = "connect"

        def connect(self, *args: Any, **options: Any) -> tuple[int, bytes]:
            with moments.around("smtp:connect"):
                return super().connect(*args, **options)

        def send(self, s: Any) -> None:
            # smtplib hands over commands as text and the mail as bytes
            self._sent = "content" if isinstance(s, bytes) else s.split()[0].upper()
            with moments.around(f"smtp:{self._sent}"):
                super().send(s)

        def getreply(self) -> tuple[int, bytes]:
            with moments.around(f"smtp:reply to {self._sent}"):
                return super().getreply()

    return Smtp


def sms_with_points(moments: Moments) -> type[HTTPConnection]:
    class Http(HTTPConnection):
        def request(self, *args: Any, **options: Any) -> None:
            with moments.around("sms:request"):
                super().request(*args, **options)

        def getresponse(self) -> HTTPResponse:
            with moments.around("sms:reply"):
                return super().getresponse()

    return Http


def replies_with_points(app: Callable[..., Any], moments: Moments) -> Callable[..., Iterator[bytes]]:
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        with closing(app(environ, start_response)) as reply:
            if environ["REQUEST_METHOD"] != "POST":  # it was only asked whether it is up
                yield from reply
                return
            with moments.around("http:reply"):
                yield from reply

    return answer


def with_point(moments: Moments, effect: str, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def around(*args: Any, **options: Any) -> Any:
        with moments.around(effect):
            return await call(*args, **options)

    return around


def main() -> None:
    parser = argparse.ArgumentParser()
    for option in ("--source", "--target", "--host", "--crash-at"):
        parser.add_argument(option)
    parser.add_argument("--port", type=int)
    parser.add_argument("--moments", type=Path)
    options = parser.parse_args()
    moments = Moments(options.moments, options.crash_at)
    insecure_channel = grpc.insecure_channel

    def channel_with_points(*args: Any, **channel_options: Any) -> Any:
        return grpc.intercept_channel(insecure_channel(*args, **channel_options), RpcPoints(moments))

    with (
        patch.object(grpc, "insecure_channel", channel_with_points),
        patch.object(JetStreamContext, "publish", with_point(moments, "nats:publish", JetStreamContext.publish)),
        patch("smtplib.SMTP", smtp_with_points(moments)),
        patch("http.client.HTTPConnection", sms_with_points(moments)),
    ):
        app = functions_framework.create_app(options.target, options.source)  # type: ignore[no-untyped-call]  # no types
        app.wsgi_app = replies_with_points(app.wsgi_app, moments)
        create_server(app, debug=False).run(options.host, options.port)  # type: ignore[no-untyped-call]  # no types


if __name__ == "__main__":
    main()
